import { BatchMatches, exactSearch, MetricKind } from "usearch";
import type { Candidate } from "../nearest.ts";

/** Rows that are compared at a time, so that memory is bounded. */
export const segmentRows = 4_096;
const oneThread = 1;
const allThreads = 0;

let spare = new Int8Array(0);

/** Memory that every comparison uses again, as fresh pages cost more than the comparison. It begins where its buffer does. */
export function scratch(length: number): Int8Array<ArrayBuffer> {
  if (spare.length < length) spare = new Int8Array(length);
  return spare;
}

/** A row of a matrix, and how far it is from a query. */
export interface NearRow {
  readonly row: number;
  readonly distance: number;
}

/**
 * The nearest rows of a matrix to each query, nearest first. Both matrices begin where their buffers do: the native code
 * reads from there.
 *
 * @param threads all of them for several queries, where it is not given
 */
export function nearestOf(
  matrix: Int8Array,
  queries: Int8Array,
  dimension: number,
  count: number,
  threads?: number,
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

export const firstOf = (found: readonly Candidate[], count: number): readonly Candidate[] =>
  found.toSorted((a, b) => a.distance - b.distance).slice(0, count);

export function joined(codes: readonly Int8Array[], dimension: number): Int8Array<ArrayBuffer> {
  const matrix = new Int8Array(codes.length * dimension);
  for (const [row, code] of codes.entries()) matrix.set(code, row * dimension);
  return matrix;
}
