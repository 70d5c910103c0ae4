import { unlessAborted } from "../util/abortable.ts";

interface QueuedTask<Value> {
  readonly promise: Promise<Value>;
  value: { readonly settled: Value } | undefined;
}

/** Values that are computed concurrently and taken in the order in which they were started. */
export class OrderedQueue<Value> {
  readonly #capacity: number;
  readonly #entries: QueuedTask<Value>[] = [];
  #ended = false;
  #changed = Promise.withResolvers<void>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Adds a pending value, which must not reject, and waits while the queue is full. */
  async push(promise: Promise<Value>, signal: AbortSignal): Promise<void> {
    const entry: QueuedTask<Value> = { promise, value: undefined };
    this.#entries.push(entry);
    this.#notify();
    void promise.then((settled) => {
      entry.value = { settled };
    });
    while (this.#entries.length >= this.#capacity) {
      await unlessAborted(this.#changed.promise, signal);
    }
  }

  /** No further values will be added. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** Waits for the first value and takes it with those behind it that are ready; none when the queue has ended. */
  async take(limit: number): Promise<readonly Value[]> {
    while (this.#entries.length === 0) {
      if (this.#ended) return [];
      await this.#changed.promise;
    }
    await this.#entries[0]?.promise;
    const values: Value[] = [];
    for (let next = this.#entries[0]; next?.value !== undefined && values.length < limit; next = this.#entries[0]) {
      values.push(next.value.settled);
      this.#entries.shift();
    }
    this.#notify();
    return values;
  }

  /** Passes on everything that is added, until the queue has ended. */
  async discard(each: (value: Value) => void): Promise<void> {
    for (;;) {
      const values = await this.take(this.#capacity);
      if (values.length === 0) return;
      for (const value of values) each(value);
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
