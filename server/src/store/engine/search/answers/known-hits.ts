import { LRUCache } from "lru-cache";
import type { ChunkRange } from "../../rows/chunk-range.ts";
import type { ChunkText } from "./chunk-text.ts";

/** Capacity of the cache in characters, and the maximum size of one entry. */
const rememberedCharacters = 12 * 1024 * 1024;
const longestRemembered = 32 * 1024;

/**
 * Contents of hits, by chunk key, shared by readers of different snapshots. A chunk changes only if its document is patched;
 * snapshots from before the last patch then neither use nor fill the cache.
 */
export class KnownHits {
  readonly #contents = new LRUCache<number, ChunkText>({
    maxSize: rememberedCharacters,
    maxEntrySize: longestRemembered,
    sizeCalculation: ({ ids, rest }) => ids.length + rest.length,
  });
  /** Number of the last commit that changed chunks. */
  #patchedBy = 0;

  /** A commit has changed these chunks. */
  forget({ first, last }: ChunkRange, commit: number): void {
    this.#patchedBy = commit;
    for (let key = first; key <= last; key++) this.#contents.delete(key);
  }

  /** @param snapshot number of the last commit that the reader sees */
  get(key: number, snapshot: number): ChunkText | undefined {
    return snapshot < this.#patchedBy ? undefined : this.#contents.get(key);
  }

  set(key: number, content: ChunkText, snapshot: number): void {
    if (snapshot >= this.#patchedBy) this.#contents.set(key, content);
  }
}
