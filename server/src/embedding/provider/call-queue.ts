import type { EmbeddingPurpose } from "../embedder.ts";
import { FairQueue, type Flow } from "../../scheduling/fair-queue.ts";

export interface CallQueueOptions<Item> {
  /** Maximum of concurrent calls. If more than one, documents leave one of them to queries. */
  readonly parallelCalls: number;
  /** How many of the first items fit in one call. */
  readonly length: (items: readonly Item[]) => number;
  /** Must not reject. The signal aborts when none of the items is awaited any more. */
  readonly run: (items: readonly Item[], purpose: EmbeddingPurpose, signal: AbortSignal) => Promise<void>;
}

interface Call<Item> {
  readonly purpose: EmbeddingPurpose;
  /** Items still awaited. */
  readonly wanted: Set<Item>;
  readonly abort: AbortController;
}

/** Batches queued items into a bounded number of calls: queries first, then documents. Flows are scheduled fairly. */
export class CallQueue<Item> {
  readonly #options: CallQueueOptions<Item>;
  readonly #waiting = { query: new FairQueue<Item>(), document: new FairQueue<Item>() };
  readonly #calls = new Set<Call<Item>>();
  #scheduled = false;

  constructor(options: CallQueueOptions<Item>) {
    this.#options = options;
  }

  add(purpose: EmbeddingPurpose, flow: Flow, items: readonly Item[]): void {
    this.#waiting[purpose].add(flow, items);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Lines of one upload that arrive in the same tick share a call.
    setImmediate(() => {
      this.#scheduled = false;
      this.#begin();
    });
  }

  /** Removes waiting items; aborts a call if none of its items is wanted any more. */
  remove(flow: Flow, items: readonly Item[]): void {
    this.#waiting.query.remove(flow, items);
    this.#waiting.document.remove(flow, items);
    for (const { wanted, abort } of this.#calls) {
      for (const item of items) wanted.delete(item);
      if (wanted.size === 0) abort.abort();
    }
  }

  #begin(): void {
    while (this.#hasRoom("query")) this.#call("query");
    while (this.#hasRoom("document")) this.#call("document");
  }

  #hasRoom(purpose: EmbeddingPurpose): boolean {
    if (this.#waiting[purpose].empty) return false;
    const { parallelCalls } = this.#options;
    if (this.#calls.size >= parallelCalls) return false;
    if (purpose === "query") return true;
    const documents = this.#calls.values().filter((call) => call.purpose === "document");
    return documents.toArray().length < Math.max(1, parallelCalls - 1);
  }

  #call(purpose: EmbeddingPurpose): void {
    const items = this.#waiting[purpose].take(this.#options.length);
    const call: Call<Item> = { purpose, wanted: new Set(items), abort: new AbortController() };
    this.#calls.add(call);
    void this.#options.run(items, purpose, call.abort.signal).finally(() => {
      this.#calls.delete(call);
      this.#begin();
    });
  }
}
