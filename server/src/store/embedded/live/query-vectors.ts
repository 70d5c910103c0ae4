import { FlatVectors } from "../flat-vectors.ts";

/** Vectors of one block: large enough that comparing takes most of the time, small enough that growing copies little. */
const blockSize = 512;
/** Vectors that all are compared with at a time; bounds the memory of what is found. */
const slice = 32;

/** The vectors of many standing searches, to be compared with the few chunks that were added. */
export class QueryVectors {
  readonly #dimension: number;
  readonly #blocks = new Set<FlatVectors>();
  readonly #blockOf = new Map<number, FlatVectors>();

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  add(id: number, vector: Float32Array): void {
    const block = this.#blockWithRoom();
    block.add(id, vector);
    this.#blockOf.set(id, block);
  }

  remove(id: number): void {
    const block = this.#blockOf.get(id);
    this.#blockOf.delete(id);
    block?.remove(id);
    if (block?.size === 0) this.#blocks.delete(block);
  }

  find(id: number): Float32Array {
    const vector = this.#blockOf.get(id)?.vector(id);
    if (vector === undefined) throw new Error(`There is no standing search ${id}`);
    return vector;
  }

  /**
   * Compares each with all of these, and tells of them nearest first, with the distance as the native code has it, until
   * `visit` returns false; of many, so for one part after the other.
   */
  compare<Item extends { readonly vector: Float32Array }>(
    items: readonly Item[],
    visit: (id: number, item: Item, distance: number) => boolean,
  ): void {
    for (let from = 0; from < items.length; from += slice) {
      const part = items.slice(from, from + slice);
      const vectors = part.map(({ vector }) => vector);
      for (const block of this.#blocks) {
        block.compare(vectors, (id, place, distance) => {
          const item = part[place];
          return item !== undefined && visit(id, item, distance);
        });
      }
    }
  }

  #blockWithRoom(): FlatVectors {
    for (const block of this.#blocks) if (block.size < blockSize) return block;
    const block = new FlatVectors(this.#dimension, 1);
    this.#blocks.add(block);
    return block;
  }
}
