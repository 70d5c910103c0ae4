import { ArrwClientError } from "../errors.ts";
import { Outlet } from "../subscriptions/outlet.ts";
import type { SessionJoined, SessionLeft, SessionSearch, SessionState } from "../wire.ts";

export type RoomMessage = SessionSearch | SessionJoined | SessionLeft | SessionState;

/** Messages that may wait for a reader. */
const limit = 1_000;

/**
 * The messages of a room, from the moment they were requested. Messages missed while the connection was lost are not
 * repeated; `session.state` then has the participants, and the room itself the last search.
 *
 * @throws ArrwClientError from `next()`: `slow_reader` if 1,000 messages are waiting, because none is skipped silently
 */
export class RoomMessages implements AsyncIterableIterator<RoomMessage, undefined> {
  readonly #outlet: Outlet<RoomMessage>;
  readonly #waiting: RoomMessage[] = [];

  /**
   * @internal
   * @param left called when the reader has gone
   */
  constructor(signal: AbortSignal | undefined, left: () => void) {
    const take = () => {
      const value = this.#waiting.shift();
      return value === undefined ? undefined : { value };
    };
    this.#outlet = new Outlet({ start: () => undefined, take, stop: left }, signal);
    this.#outlet.start();
  }

  /** @internal */
  tell(message: RoomMessage): void {
    if (this.#waiting.length >= limit) {
      return this.fail(
        new ArrwClientError(
          "slow_reader",
          `${limit} room messages are waiting to be read, the maximum; read them faster`,
        ),
      );
    }
    this.#waiting.push(message);
    this.#outlet.notify();
  }

  /** @internal */
  fail(error: ArrwClientError): void {
    this.#outlet.fail(error);
  }

  async next(): Promise<IteratorResult<RoomMessage, undefined>> {
    return this.#outlet.next();
  }

  async return(): Promise<IteratorResult<RoomMessage, undefined>> {
    return this.#outlet.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
