import type { ArrwError } from "@arrwdb/protocol/errors/errors";

/** One connection as the core sees it: the receiver of messages. */
export interface Subscriber {
  /**
   * Sends a message as JSON, after the previous ones.
   *
   * @param cause the id of the document whose write caused it, `any` if any write may have caused it; undefined if no
   * write did
   */
  send(json: string, cause?: string): void;
  /** Whether as much waits for it as should. */
  readonly congested: boolean;
  /** Ends the connection. */
  fail(error: ArrwError): void;
}
