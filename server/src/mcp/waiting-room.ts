import { ArrwError } from "@arrwdb/protocol/errors";

/** The calls that wait for something to happen, which are bounded. */
export class WaitingRoom {
  readonly #places: number;
  readonly #closed = Promise.withResolvers<undefined>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** Calls that wait now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Runs what waits; its signal aborts when the given one does, and at the end, so that nothing is left behind.
   *
   * @throws ArrwError `overloaded` where all places are taken
   */
  async enter<Value>(signal: AbortSignal, run: (scope: AbortSignal) => Promise<Value>): Promise<Value> {
    if (this.#taken >= this.#places) {
      const message = `${this.#places} calls of watch are waiting already, which is as many as may`;
      throw new ArrwError("overloaded", message, { retryAfter: 5 });
    }
    this.#taken++;
    const left = new AbortController();
    try {
      return await run(AbortSignal.any([signal, left.signal]));
    } finally {
      left.abort(new DOMException("The wait is over", "AbortError"));
      this.#taken--;
    }
  }

  /** What the promise gives, or undefined where it takes longer, or the room is closed. */
  async wait<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value | undefined> {
    const over = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => over.resolve(undefined), milliseconds);
    // It goes on, and nobody may be left to hear of its failure.
    promise.catch(() => undefined);
    try {
      return await Promise.race([promise, over.promise, this.#closed.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nobody waits from now on. */
  close(): void {
    this.#closed.resolve(undefined);
  }
}
