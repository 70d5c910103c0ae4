import type { Steps } from "../../../scheduling/steps.ts";
import type { ReadKeys } from "../metadata-index/metadata-opening.ts";
import type { MaintainedIndex, VectorSource } from "./vector-index.ts";

/** Keys read per step. */
export const keysAtOnce = 2_048;

/**
 * Visits the key of each chunk after `after`, in ascending order, up to the last one that exists at the end. Returns the
 * last key.
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
    // A chunk without a row has been removed from the library, or is about to be.
    if (vector !== undefined) index.add(key, vector);
  }
}
