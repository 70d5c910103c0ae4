import { BatchMatches, exactSearch, MetricKind } from "usearch";
import { type Candidate, Nearest } from "./nearest.ts";
import type { Steps } from "../../../scheduling/steps.ts";

/** Rows compared at a time, so that memory is bounded. */
export const segmentRows = 4_096;
const oneThread = 1;
const allThreads = 0;

let spare = new Int8Array(0);

/** Memory reused by every comparison, as fresh pages cost more than comparing. At offset 0 of its buffer. */
export function scratch(length: number): Int8Array<ArrayBuffer> {
  if (spare.length < length) spare = new Int8Array(length);
  return spare;
}

/** A row of a matrix, and its distance from a query. */
export interface NearRow {
  readonly row: number;
  readonly distance: number;
}

export interface RowComparison {
  readonly dimension: number;
  /** Default is all for several queries. */
  readonly threads?: number | undefined;
}

/**
 * The nearest rows of a matrix to each query, nearest first. Both matrices must be at offset 0 of their buffers, where the
 * native code reads them.
 *
 * @param count rows for each query
 */
export function nearestOf(
  matrix: Int8Array,
  queries: Int8Array,
  count: number,
  { dimension, threads }: RowComparison,
): readonly (readonly NearRow[])[] {
  const rows = matrix.length / dimension;
  const width = Math.min(count, rows);
  const number = queries.length / dimension;
  const workers = threads ?? (number === 1 ? oneThread : allThreads);
  const found = exactSearch(matrix, queries, dimension, width, MetricKind.Cos, workers);
  const stride = found instanceof BatchMatches ? found.k : width;
  return Array.from({ length: number }, (_query, query) =>
    Array.from({ length: width }, (_place, index) => ({
      row: Number(found.keys[query * stride + index]),
      distance: found.distances[query * stride + index] ?? 2,
    })),
  );
}

/** A snapshot of codes. */
export interface FrozenRows {
  readonly keys: readonly number[];
  /** Segments of `segmentRows` codes each, except the last. */
  readonly blocks: readonly Int8Array<ArrayBuffer>[];
}

/** The `count` nearest to a query of the codes that `choose` selects from a block, nearest first, one block per step. */
export function* nearestIn(
  { keys, blocks }: FrozenRows,
  query: Int8Array,
  count: number,
  choose?: (keys: readonly number[]) => Steps<readonly number[]>,
): Steps<readonly Candidate[]> {
  const nearest = new Nearest(count);
  for (const [number, block] of blocks.entries()) {
    const own = keys.slice(number * segmentRows, (number + 1) * segmentRows);
    const places = choose === undefined ? undefined : yield* choose(own);
    const matrix = places === undefined ? block : gathered(block, places, query.length);
    const found = matrix.length === 0 ? [] : nearestOf(matrix, query, count, { dimension: query.length })[0];
    for (const { row, distance } of found ?? []) {
      if (distance > nearest.bound) break;
      nearest.add({ key: own[places === undefined ? row : (places[row] ?? -1)] ?? -1, distance });
    }
    yield;
  }
  return nearest.sorted();
}

function gathered(block: Int8Array, places: readonly number[], dimension: number): Int8Array {
  const matrix = scratch(places.length * dimension);
  for (const [row, place] of places.entries()) {
    matrix.set(block.subarray(place * dimension, (place + 1) * dimension), row * dimension);
  }
  return matrix.subarray(0, places.length * dimension);
}

export const firstOf = (found: readonly Candidate[], count: number): readonly Candidate[] =>
  found.toSorted((a, b) => a.distance - b.distance).slice(0, count);

export function joined(codes: readonly Int8Array[], dimension: number): Int8Array<ArrayBuffer> {
  const matrix = new Int8Array(codes.length * dimension);
  for (const [row, code] of codes.entries()) matrix.set(code, row * dimension);
  return matrix;
}
