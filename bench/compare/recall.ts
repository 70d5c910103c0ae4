import { BatchMatches, exactSearch, MetricKind } from "usearch";
import type { Dataset } from "./dataset.ts";
import type { SearchFilter, SearchRequest } from "./requests.ts";

/** Use every core. */
const allThreads = 0;

/** The rows of the `k` nearest chunks of each query, by comparing all. */
function nearest(
  vectors: Float32Array,
  queries: readonly Float32Array[],
  dimension: number,
  k: number,
): readonly (readonly number[])[] {
  const count = Math.min(k, vectors.length / dimension);
  if (count === 0 || queries.length === 0) return queries.map(() => []);
  const matrix = new Float32Array(queries.length * dimension);
  for (const [row, query] of queries.entries()) matrix.set(query, row * dimension);
  const found = exactSearch(vectors, matrix, dimension, count, MetricKind.IP, allThreads);
  if (!(found instanceof BatchMatches)) return [Array.from(found.keys, Number)];
  return queries.map((_, row) => Array.from(found.keys.subarray(row * found.k, (row + 1) * found.k), Number));
}

function rowsThatPass(dataset: Dataset, { field, value }: SearchFilter): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < dataset.count; row++) if (dataset.fields(row)[field] === value) rows.push(row);
  return rows;
}

/** For each request the rows that an exact search answers with, in the order of the requests. */
export function exactAnswers(
  dataset: Dataset,
  queries: readonly Float32Array[],
  requests: readonly SearchRequest[],
  k: number,
): readonly (readonly number[])[] {
  const { dimension } = dataset;
  const answers: (readonly number[])[] = requests.map(() => []);
  const groups = Map.groupBy(requests.entries(), ([, { filter }]) =>
    filter === undefined ? "" : `${filter.field} ${filter.value}`,
  );
  for (const group of groups.values()) {
    const filter = group[0]?.[1].filter;
    const asked = group.map(([, { query }]) => queries[query] ?? new Float32Array(dimension));
    const rows = filter === undefined ? undefined : rowsThatPass(dataset, filter);
    const found = nearest(rows === undefined ? dataset.vectors : gather(dataset, rows), asked, dimension, k);
    for (const [place, [index]] of group.entries())
      answers[index] = (found[place] ?? []).map((at) => (rows === undefined ? at : (rows[at] ?? -1)));
  }
  return answers;
}

function gather({ dimension, vector }: Dataset, rows: readonly number[]): Float32Array {
  const vectors = new Float32Array(rows.length * dimension);
  for (const [place, row] of rows.entries()) vectors.set(vector(row), place * dimension);
  return vectors;
}

/** The share of the true neighbours that was found, over all answers; 1 where there was nothing to find. */
export function recallOf(found: readonly (readonly number[])[], truth: readonly (readonly number[])[]): number {
  let hits = 0;
  let possible = 0;
  for (const [index, expected] of truth.entries()) {
    const rows = new Set(found[index]);
    possible += expected.length;
    hits += expected.filter((row) => rows.has(row)).length;
  }
  return possible === 0 ? 1 : hits / possible;
}
