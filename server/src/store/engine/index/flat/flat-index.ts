import type { Steps } from "../../../../scheduling/steps.ts";
import { FlatVectors } from "../../vectors/flat-vectors.ts";
import { FlatSegments } from "../../vectors/flat-segments.ts";
import { FrozenFlatIndex, toProposal } from "./frozen-flat-index.ts";
import { type FrozenIndex, type Proposal, scanCost, type VectorIndex } from "../vector-index.ts";

/** Compares every vector in full precision: exact, in time linear in the library's size. */
export class FlatIndex implements VectorIndex {
  readonly kind = "flat";
  readonly effort = undefined;
  readonly quality = undefined;
  readonly pending = 0;
  readonly deletedFraction = 0;
  readonly unsaved = 0;
  readonly saturated = false;
  readonly savedAtEnd = false;
  readonly exact = true;
  readonly freezable = true;
  readonly #dimension: number;
  readonly #vectors: FlatSegments;

  /** @param rows initial capacity */
  constructor(dimension: number, rows = 1) {
    this.#dimension = dimension;
    this.#vectors = new FlatSegments(dimension, rows);
  }

  get size(): number {
    return this.#vectors.size;
  }

  get bytes(): number {
    return this.#vectors.bytes;
  }

  keys(): Iterable<number> {
    return this.#vectors.keys();
  }

  add(key: number, vector: Float32Array): void {
    this.#vectors.add(key, vector);
  }

  remove(keys: readonly number[]): void {
    for (const key of keys) this.#vectors.remove(key);
  }

  search(queries: readonly Float32Array[], count: number): readonly Proposal[] {
    return this.#vectors.search(queries, count).map((items) => toProposal(items, this.size));
  }

  compareAll(query: Float32Array, count: number): Proposal {
    return toProposal(this.#vectors.search([query], count)[0] ?? [], this.size);
  }

  compareSome(query: Float32Array, keys: Iterable<number>, count: number): Proposal {
    const some = new FlatVectors(this.#dimension);
    for (const key of keys) {
      const vector = this.#vectors.vector(key);
      if (vector !== undefined) some.add(key, vector);
    }
    return toProposal(some.search([query], count)[0] ?? [], some.size);
  }

  /** An index of a single segment is compared in one step, so it needs no copy. */
  freeze(): FrozenIndex | undefined {
    return this.#vectors.count > 1 ? new FrozenFlatIndex(this.#dimension, this.#vectors.freeze()) : undefined;
  }

  vector(key: number): Float32Array | undefined {
    return this.#vectors.vector(key);
  }

  work(): boolean {
    return false;
  }

  walkCost(): number {
    return this.size * scanCost;
  }

  increaseEffort(): boolean {
    return false;
  }

  *save(): Steps<undefined> {
    yield;
  }

  saved(): void {}

  close(): void {}
}
