import { availableParallelism } from "node:os";
import { encode } from "../../vectors/codes.ts";
import { Centroids } from "./centroids.ts";
import { evenly, type TrainingSample } from "./training-sample.ts";
import { ProbeMeasure, type Probes } from "./probe-measure.ts";

/** Rounds, as FAISS uses for the lists of an IVF index; recall hardly grows after that. */
const greatestRounds = 10;
/** Training ends when a round moves less than this fraction of the sample. */
const restlessness = 0.005;
/** Products of bytes that are computed at a time: six milliseconds. */
const sliceProducts = 16 * 1024 * 1024;
/** Rows read or processed at a time. */
const readSlice = 256;
/** One core is left for the server's other threads. */
export const trainingThreads = Math.max(1, availableParallelism() - 1);

export interface Trained {
  readonly centroids: Centroids;
  /** The fraction of the sample in each list. */
  readonly parts: readonly number[];
  /** Number of lists to probe to find nearly all of the nearest. */
  readonly probes: Probes;
}

/** How many vectors can be compared with `lists` centroids at a time. */
export const sliceRows = (dimension: number, lists: number): number =>
  Math.max(1, Math.min(256, Math.floor(sliceProducts / (dimension * lists))));

/**
 * Spherical k-means (Lloyd's algorithm by cosine; Dhillon and Modha 2001), from random members of the sample. Yields
 * between slices of a few milliseconds.
 */
export function* train(
  sample: TrainingSample,
  lists: number,
  dimension: number,
  random: () => number,
): Generator<undefined, Trained> {
  let centroids = yield* firstCentroids(sample, lists, dimension, random);
  const assigned = new Uint32Array(sample.size);
  for (let round = 0; round < greatestRounds; round++) {
    const sums = new ClusterSums(centroids.count, dimension);
    let moved = 0;
    for (const { from, codes } of slices(sample, dimension, sliceRows(dimension, lists))) {
      for (const [row, list] of centroids.assign(codes, trainingThreads).entries()) {
        if (assigned[from + row] !== list) moved++;
        assigned[from + row] = list;
        sums.add(list, codes.subarray(row * dimension, (row + 1) * dimension));
      }
      yield;
    }
    centroids = yield* sums.centroids(sample, random);
    if (moved < sample.size * restlessness) break;
  }
  return yield* measured(sample, centroids, random);
}

/** Assigns the sample to the final lists, and measures how many of them a search has to probe. */
function* measured(sample: TrainingSample, centroids: Centroids, random: () => number): Generator<undefined, Trained> {
  const { dimension, count } = centroids;
  const measure = yield* ProbeMeasure.begin(sample, dimension, random);
  const counts = new Uint32Array(count);
  for (const { from, codes } of slices(sample, dimension, sliceRows(dimension, count + measure.queries))) {
    const lists = centroids.assign(codes, trainingThreads);
    for (const list of lists) counts[list] = (counts[list] ?? 0) + 1;
    measure.add(from, codes, lists);
    yield;
  }
  const probes = yield* measure.probes(centroids);
  return { centroids, probes, parts: Array.from(counts, (rows) => rows / Math.max(1, sample.size)) };
}

function* firstCentroids(
  sample: TrainingSample,
  lists: number,
  dimension: number,
  random: () => number,
): Generator<undefined, Centroids> {
  const rows = evenly(sample.size, lists, random);
  const codes = new Int8Array(rows.length * dimension);
  for (const [list, row] of rows.entries()) {
    sample.file.read(row, 1, codes, list * dimension);
    if (list % readSlice === readSlice - 1) yield;
  }
  return new Centroids(codes, dimension);
}

function* slices(sample: TrainingSample, dimension: number, rows: number) {
  for (let from = 0; from < sample.size; from += rows) {
    yield { from, codes: read(sample, from, Math.min(rows, sample.size - from), dimension) };
  }
}

function read({ file }: TrainingSample, row: number, count: number, dimension: number): Int8Array<ArrayBuffer> {
  const codes = new Int8Array(count * dimension);
  file.read(row, count, codes, 0);
  return codes;
}

/** The sum of each cluster's members, at equal length. */
class ClusterSums {
  readonly #dimension: number;
  readonly #sums: Float32Array<ArrayBuffer>;
  readonly #counts: Uint32Array<ArrayBuffer>;

  constructor(count: number, dimension: number) {
    this.#dimension = dimension;
    this.#sums = new Float32Array(count * dimension);
    this.#counts = new Uint32Array(count);
  }

  add(list: number, code: Int8Array): void {
    let square = 0;
    for (let index = 0; index < code.length; index++) square += (code[index] ?? 0) ** 2;
    const scale = 1 / Math.sqrt(Math.max(1, square));
    const start = list * this.#dimension;
    for (let index = 0; index < code.length; index++) {
      this.#sums[start + index] = (this.#sums[start + index] ?? 0) + (code[index] ?? 0) * scale;
    }
    this.#counts[list] = (this.#counts[list] ?? 0) + 1;
  }

  /** The centroid of each cluster; an empty cluster restarts at a random member of the sample. */
  *centroids(sample: TrainingSample, random: () => number): Generator<undefined, Centroids> {
    const codes = new Int8Array(this.#sums.length);
    for (const [list, count] of this.#counts.entries()) {
      const start = list * this.#dimension;
      const code =
        count > 0
          ? encode(this.#sums.subarray(start, start + this.#dimension)).bytes
          : read(sample, Math.floor(random() * sample.size), 1, this.#dimension);
      codes.set(code, start);
      if (list % readSlice === readSlice - 1) yield;
    }
    return new Centroids(codes, this.#dimension);
  }
}
