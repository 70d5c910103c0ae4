import type { ArrwError } from "@arrwdb/protocol/errors";

/** One connection as the core sees it: where what happens goes. */
export interface Subscriber {
  /**
   * Hands over a message as JSON, after those before it.
   *
   * @param cause the id of the document whose writing it tells of, `any` for what any write may have caused; undefined
   * for what no write did
   */
  send(json: string, cause?: string): void;
  /** Whether as much waits for it as should. */
  readonly congested: boolean;
  /** Ends the connection. */
  fail(error: ArrwError): void;
}
