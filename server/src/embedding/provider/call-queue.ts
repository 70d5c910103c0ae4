import type { EmbeddingPurpose } from "../embedder.ts";

/** Runs a fixed number of calls at a time; queries go before documents, otherwise first come, first served. */
export class CallQueue {
  readonly #parallel: number;
  readonly #queries: (() => void)[] = [];
  readonly #documents: (() => void)[] = [];
  #running = 0;

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  async run<Value>(purpose: EmbeddingPurpose, signal: AbortSignal, call: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#parallel) await this.#turn(purpose, signal);
    else this.#running++;
    try {
      signal.throwIfAborted();
      return await call();
    } finally {
      this.#next();
    }
  }

  #turn(purpose: EmbeddingPurpose, signal: AbortSignal): Promise<void> {
    const queue = purpose === "query" ? this.#queries : this.#documents;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      queue.splice(queue.indexOf(begin), 1);
      reject(signal.reason);
    };
    const begin = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    if (signal.aborted) reject(signal.reason);
    else {
      signal.addEventListener("abort", leave, { once: true });
      queue.push(begin);
    }
    return promise;
  }

  /** The place goes from one call to the next that waits. */
  #next(): void {
    const begin = this.#queries.shift() ?? this.#documents.shift();
    if (begin === undefined) this.#running--;
    else begin();
  }
}
