import { ArrwClientError } from "./errors.ts";
import type { RequestOptions } from "./options.ts";

/** Longer timers overflow and fire at once. */
const longestTimer = 2 ** 31 - 1;

/** Combines a caller's signal and a time-out for the duration of one call. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #timeout: number;
  readonly #what: string;
  readonly #abort: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param what named in the time-out's message */
  constructor({ signal, timeout = Infinity }: RequestOptions, what: string) {
    this.#signal = signal;
    this.#timeout = timeout;
    this.#abort = () => this.#controller.abort(signal?.reason);
    if (signal?.aborted === true) this.#abort();
    signal?.addEventListener("abort", this.#abort, { once: true });
    this.#what = what;
    this.extend();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the time-out, as there was progress. */
  extend(): void {
    clearTimeout(this.#timer);
    if (this.#timeout > longestTimer || this.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new ArrwClientError("timeout", `${this.#what}: no response within ${this.#timeout} ms`));
    }, this.#timeout);
  }

  /** Pauses the time-out until `extend`, as the client is not waiting for the server. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Has to be called at the end, or the caller's signal keeps a listener. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}

/** The promise's value; throws the signal's reason if it aborts first. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  // Prevents an unhandled rejection if nothing awaits it.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** @throws the signal's reason */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, Math.min(milliseconds, longestTimer));
  try {
    await unlessAborted(over.promise, signal);
  } finally {
    clearTimeout(timer);
  }
}
