import { MetadataIndex, type ReadChunks } from "./metadata-index.ts";

/** Reads keys of a library's chunks: those greater than `after`, ascending, and at most `limit` of them. */
export type ReadKeys = (after: number, limit: number) => readonly number[];

/** Keys read at a time. */
const slice = 2_048;

/** Builds the metadata index of a library in slices, while chunks are added and removed. */
export class MetadataOpening {
  readonly #keys: ReadKeys;
  readonly #chunks: ReadChunks;
  readonly #parts: (readonly number[])[] = [];
  readonly #removed = new Set<number>();
  #last = 0;

  constructor(keys: ReadKeys, chunks: ReadChunks) {
    this.#keys = keys;
    this.#chunks = chunks;
  }

  /** Reads some keys; returns the index when it has all of them, including those of chunks added meanwhile. */
  work(): MetadataIndex | undefined {
    const part = this.#keys(this.#last, slice);
    this.#parts.push(part);
    this.#last = part.at(-1) ?? this.#last;
    if (part.length === slice) return undefined;
    const keys = new Uint32Array(this.#parts.reduce((sum, { length }) => sum + length, 0));
    let place = 0;
    for (const each of this.#parts) {
      keys.set(each, place);
      place += each.length;
    }
    const index = new MetadataIndex(keys, this.#chunks);
    for (const key of this.#removed) index.remove(key);
    return index;
  }

  /** Chunks were removed. Those that have not been read yet no longer exist by then. */
  remove(keys: readonly number[]): void {
    for (const key of keys) if (key <= this.#last) this.#removed.add(key);
  }
}
