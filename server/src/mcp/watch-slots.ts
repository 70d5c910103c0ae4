import { ArrwError } from "@arrwdb/protocol/errors/errors";

export interface Places {
  /** For all calls together. */
  readonly total: number;
  /** Per caller, so that one does not take all. */
  readonly each: number;
}

/** The calls that wait for something to happen, which are bounded. */
export class WatchSlots {
  readonly #places: Places;
  readonly #callers = new Map<string, number>();
  readonly #closed = Promise.withResolvers<undefined>();
  #taken = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  /** Calls that wait now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Runs a waiting call; its signal aborts with the given one, and at the end, so that nothing is left running.
   *
   * @param caller the owner of the place, such as a key
   * @throws ArrwError `rate_limited` if the caller has all its places, `overloaded` if all places are taken
   */
  async enter<Value>(caller: string, signal: AbortSignal, run: (scope: AbortSignal) => Promise<Value>): Promise<Value> {
    const { total, each } = this.#places;
    const own = this.#callers.get(caller) ?? 0;
    if (own >= each) {
      const message = `${each} watch calls of this key are waiting, the maximum; end some first`;
      throw new ArrwError("rate_limited", message, { retryAfter: 5 });
    }
    if (this.#taken >= total) {
      const message = `${total} watch calls are waiting on the server, the maximum; retry later`;
      throw new ArrwError("overloaded", message, { retryAfter: 5 });
    }
    this.#callers.set(caller, own + 1);
    this.#taken++;
    const over = new AbortController();
    try {
      return await run(AbortSignal.any([signal, over.signal]));
    } finally {
      over.abort(new DOMException("The wait is over", "AbortError"));
      this.#taken--;
      const left = (this.#callers.get(caller) ?? 1) - 1;
      if (left === 0) this.#callers.delete(caller);
      else this.#callers.set(caller, left);
    }
  }

  /** The promise's value, or undefined on time-out or when closed. */
  async wait<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value | undefined> {
    const over = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => over.resolve(undefined), milliseconds);
    // It stays pending after the time-out, and its rejection may have no listener.
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
