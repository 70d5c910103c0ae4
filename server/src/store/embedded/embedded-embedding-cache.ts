import type { CachedEmbedding, EmbeddingCache } from "../../embedding/embedding-cache.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Cache of text vectors in the database, through the writing thread. */
export class EmbeddedEmbeddingCache implements EmbeddingCache {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  get(model: string, hashes: readonly Uint8Array[]) {
    return this.#threads.writer.call("recallEmbeddings", { model, hashes });
  }

  async put(model: string, entries: readonly CachedEmbedding[]): Promise<void> {
    await this.#threads.writer.call("rememberEmbeddings", { model, entries });
  }
}
