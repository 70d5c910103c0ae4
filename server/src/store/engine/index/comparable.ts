import type { FrozenIndex, SearchableIndex } from "./vector-index.ts";

/** A set of vectors that can be scanned exhaustively. */
export interface Comparable extends Omit<FrozenIndex, "end" | "walk"> {
  /** The true vector, if it is in memory; undefined if it may change during the scan. */
  readonly vector?: (key: number) => Float32Array | undefined;
}

/** Scans the live index in a single step. */
export function toComparable(index: SearchableIndex): Comparable {
  return {
    size: index.size,
    vector: (key) => index.vector(key),
    *compareAll(query, count) {
      yield;
      return index.compareAll(query, count);
    },
    *compareSome(query, some, count) {
      yield;
      return index.compareSome(query, some.keys(), count);
    },
  };
}
