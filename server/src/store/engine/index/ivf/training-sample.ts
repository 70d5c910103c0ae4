import { encode } from "../../vectors/codes.ts";
import type { VectorSource } from "../vector-index.ts";
import type { RowFile } from "./row-file.ts";

/** Vectors read for a sample at a time. */
const readSlice = 64;

/** Training codes, stored in a file, so that training memory does not grow with their number. */
export interface TrainingSample {
  readonly size: number;
  readonly file: RowFile;
}

export interface SampleOptions {
  readonly keys: readonly number[];
  /** The number of vectors. */
  readonly wanted: number;
  readonly source: VectorSource;
  /** Where their codes are written. */
  readonly file: RowFile;
  readonly random: () => number;
}

/** Samples the whole library evenly, as vectors written together are often similar. Yields between slices. */
export function* takeSample({
  keys,
  wanted,
  source,
  file,
  random,
}: SampleOptions): Generator<undefined, TrainingSample> {
  let size = 0;
  const places = evenly(keys.length, wanted, random);
  for (const [index, place] of places.entries()) {
    const vector = source(keys[place] ?? -1);
    // A vector without a row was removed from the library.
    if (vector !== undefined) file.write(size++, encode(vector).bytes);
    if (index % readSlice === readSlice - 1) yield;
  }
  return { size, file };
}

/** Numbers from 0 to `count - 1`, ascending: a random one of each of `wanted` equal parts. */
export function evenly(count: number, wanted: number, random: () => number): readonly number[] {
  const parts = Math.min(count, wanted);
  const places = Array.from({ length: parts }, (_each, part) => Math.floor(((part + random()) * count) / parts));
  return [...new Set(places)];
}

/** A seeded generator of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
