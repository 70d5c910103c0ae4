import type { FrozenIndex, SearchableIndex } from "./vector-index.ts";

/** What can be compared with a query, one and all. */
export interface Comparable extends Omit<FrozenIndex, "end" | "walk"> {
  /** The true vector, where it is in memory; undefined for what others may change meanwhile. */
  readonly vector?: (key: number) => Float32Array | undefined;
}

/** An index that is compared at once. */
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
