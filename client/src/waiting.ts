import { ArrwClientError } from "./errors.ts";
import type { RequestOptions } from "./options.ts";

/** Longer timers overflow and fire at once. */
const longestTimer = 2 ** 31 - 1;

/** A caller's signal and a time-out as one signal, for as long as one call lasts. */
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

  /** Lets the time begin anew, as something came. */
  extend(): void {
    clearTimeout(this.#timer);
    if (this.#timeout > longestTimer || this.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new ArrwClientError("timeout", `${this.#what}: no response within ${this.#timeout} ms`));
    }, this.#timeout);
  }

  /** Lets no time pass until `extend`, as it is not the server that is waited for. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Has to be called at the end, or the caller's signal keeps a listener. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}

/** What the promise gives, unless the signal comes first: then its reason is thrown. */
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
