import { unlessAborted } from "../waiting.ts";

/** Where an outlet has its values from. */
export interface OutletSource<Value> {
  /** Called once, on the first read. */
  readonly start: () => void;
  /** The next value, if there is one. Called only for a pending read. */
  readonly take: () => { readonly value: Value } | undefined;
  /** Called once, at the end, whatever the cause. */
  readonly stop: () => void;
}

/**
 * Passes values one by one to its iterator, and ends in one of three ways: the reader leaves, the source fails
 * (values already queued are still returned), or a signal aborts (immediately).
 */
export class Outlet<Value> {
  readonly #source: OutletSource<Value>;
  readonly #signal: AbortSignal | undefined;
  readonly #abort: () => void;
  #changed = Promise.withResolvers<void>();
  #started = false;
  #over = false;
  /** Why it ends; thrown once. */
  #failure: { readonly error: unknown } | undefined;

  constructor(source: OutletSource<Value>, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
    this.#abort = () => this.#end();
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#signal?.aborted === true) return this.#end();
    this.#signal?.addEventListener("abort", this.#abort, { once: true });
    this.#source.start();
  }

  /** A value may be available to take. */
  notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** What is there is handed out, then the error is thrown. */
  fail(error: unknown): void {
    if (this.#over || this.#failure !== undefined) return;
    this.#failure = { error };
    this.notify();
  }

  /** @throws the error of the source, or the signal's reason */
  async next(): Promise<IteratorResult<Value, undefined>> {
    for (;;) {
      this.#signal?.throwIfAborted();
      this.start();
      if (this.#over) return { done: true, value: undefined };
      const taken = this.#source.take();
      if (taken !== undefined) return { done: false, value: taken.value };
      if (this.#failure !== undefined) {
        const { error } = this.#failure;
        this.#end();
        throw error;
      }
      await unlessAborted(this.#changed.promise, this.#signal);
    }
  }

  return(): IteratorResult<Value, undefined> {
    this.#end();
    return { done: true, value: undefined };
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#started) this.#source.stop();
    this.notify();
  }
}
