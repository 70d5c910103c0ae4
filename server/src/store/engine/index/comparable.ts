import type { FrozenIndex, SearchableIndex } from "./vector-index.ts";

/** What can be scanned exhaustively for a query. */
export interface Comparable extends Omit<FrozenIndex, "end" | "walk"> {
  /** The true vector, if it is in memory; undefined if others may change it meanwhile. */
  readonly vector?: (key: number) => Float32Array | undefined;
}

/** Scans an index at once, as it is. */
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
