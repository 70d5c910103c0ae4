import type { ArrwError } from "@arrwdb/protocol/errors/errors";

/** What any write may cause, such as a change of a live query's hits. A symbol, as ids of documents are any text. */
export const anyWrite: unique symbol = Symbol("any write");

export type Cause = string | typeof anyWrite;

/** One connection as the core sees it: the receiver of messages. */
export interface Subscriber {
  /**
   * Sends a message as JSON, after the previous ones.
   *
   * @param cause the id of the document whose write caused it, `anyWrite` if any write may have; undefined if no write did
   */
  send(json: string, cause?: Cause): void;
  /** Whether as much waits for it as should. */
  readonly congested: boolean;
  /** Ends the connection. */
  fail(error: ArrwError): void;
}
