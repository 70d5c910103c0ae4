import { FlatVectors } from "../vectors/flat-vectors.ts";

/** Vectors per block: large enough that comparing takes most of the time, small enough that growing copies little. */
const blockSize = 512;
/** Vectors compared with a block at a time, and components per vector of the block: some two milliseconds. */
const mostAtOnce = 32;
const numbersAtOnce = 16_384;

/** The vectors of many live queries, to be compared with the few chunks that were added. */
export class QueryVectors {
  readonly #dimension: number;
  readonly #blocks = new Set<FlatVectors>();
  readonly #blockOf = new Map<number, FlatVectors>();

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  /** Blocks of some hundred vectors each, by query id. They may change during iteration. */
  blocks(): Iterable<FlatVectors> {
    return this.#blocks;
  }

  /** How many vectors a block should be compared with at a time. */
  get atOnce(): number {
    return Math.max(1, Math.min(mostAtOnce, Math.floor(numbersAtOnce / this.#dimension)));
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
    if (vector === undefined) throw new Error(`There is no live query ${id}`);
    return vector;
  }

  #blockWithRoom(): FlatVectors {
    for (const block of this.#blocks) if (block.size < blockSize) return block;
    const block = new FlatVectors(this.#dimension, 1);
    this.#blocks.add(block);
    return block;
  }
}
