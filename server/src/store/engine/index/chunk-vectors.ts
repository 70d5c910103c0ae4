import type { Steps } from "../../../scheduling/steps.ts";
import type { ReadKeys } from "../metadata-index/metadata-opening.ts";
import type { MaintainedIndex, VectorSource } from "./vector-index.ts";

/** Keys that are read in a step. */
export const keysAtOnce = 2_048;

/**
 * Visits the key of each chunk beyond `after`, in ascending order, up to the last one that exists when it ends.
 * Returns that.
 */
export function* visitKeys(keysAfter: ReadKeys, after: number, visit: (key: number) => unknown): Steps<number> {
  let last = after;
  for (;;) {
    const keys = keysAfter(last, keysAtOnce);
    for (const key of keys) visit(key);
    last = keys.at(-1) ?? last;
    if (keys.length < keysAtOnce) return last;
    yield;
  }
}

/** Adds the vectors of these chunks to an index. */
export function addVectors(index: MaintainedIndex, keys: readonly number[], source: VectorSource): void {
  for (const key of keys) {
    const vector = source(key);
    // A chunk that is gone from the rows has been removed from the library, or is about to be.
    if (vector !== undefined) index.add(key, vector);
  }
}
