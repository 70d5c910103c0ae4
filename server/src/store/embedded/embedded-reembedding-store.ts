import type {
  EmbeddedChunk,
  ReembeddingEnd,
  ReembeddingRef,
  ReembeddingStore,
  ReembeddingTarget,
} from "../reembedding-store.ts";
import type { StoreThreads } from "./store-threads.ts";
import { chunksPerTransaction } from "./writing/write-portions.ts";

/** Bytes of vectors per transaction, at least one vector. */
const bytesPerTransaction = 512 * 1024;

/** Re-embedding through the writing thread; the search thread builds the new index. */
export class EmbeddedReembeddingStore implements ReembeddingStore {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  begin(libraryId: string, target: ReembeddingTarget) {
    return this.#threads.writer.call("beginReembedding", { libraryId, target });
  }

  get(libraryId: string) {
    return this.#threads.writer.call("getReembedding", { libraryId });
  }

  running() {
    return this.#threads.writer.call("runningReembeddings", undefined);
  }

  next({ libraryId, id }: ReembeddingRef, limit: number) {
    return this.#threads.writer.call("nextTexts", { libraryId, id, limit });
  }

  async keep({ libraryId, id }: ReembeddingRef, vectors: readonly EmbeddedChunk[]): Promise<void> {
    const bytes = vectors[0]?.vector.byteLength ?? 1;
    const atOnce = Math.max(1, Math.min(chunksPerTransaction, Math.floor(bytesPerTransaction / bytes)));
    for (let from = 0; from < vectors.length; from += atOnce) {
      await this.#threads.writer.call("keepVectors", { libraryId, id, vectors: vectors.slice(from, from + atOnce) });
    }
  }

  prepare({ libraryId }: ReembeddingRef) {
    return this.#threads.searcher.call("buildNextIndex", { libraryId });
  }

  changeOver({ libraryId, id }: ReembeddingRef) {
    return this.#threads.writer.call("changeOver", { libraryId, id });
  }

  end(libraryId: string, end: ReembeddingEnd, id?: string) {
    return this.#threads.writer.call("endReembedding", { libraryId, end, id });
  }
}
