import { BatchMatches, Index, MetricKind, ScalarKind } from "usearch";
import type { Candidate } from "./nearest.ts";

/** Neighbours of a node, candidates looked at when one is added, and when one is searched. */
const connectivity = 16;
const expansionAdd = 128;
const expansionSearch = 64;

/** Use every core. */
const allThreads = 0;

/** What a saved graph depends on; one saved by anything else is rebuilt. */
export const graphFormat = (dimension: number): string =>
  `usearch-2.26 cos f16 ${dimension} ${connectivity} ${expansionAdd}`;

/**
 * A navigable small-world graph (HNSW, Malkov and Yashunin 2016) of half-precision vectors: fast and approximate.
 * Its own order is a proposal; whoever asks compares the true vectors.
 */
export class Graph {
  readonly #dimension: number;
  readonly #index: Index;

  constructor(dimension: number) {
    this.#dimension = dimension;
    this.#index = new Index({
      dimensions: dimension,
      metric: MetricKind.Cos,
      quantization: ScalarKind.F16,
      connectivity,
      expansion_add: expansionAdd,
      expansion_search: expansionSearch,
      multi: false,
    });
  }

  get size(): number {
    return this.#index.size();
  }

  /**
   * Adds vectors one after the other: nodes that several threads add at once do not see each other, and some (0.02 to
   * 0.3% were seen) end up where no walk comes by. The number of threads is told all the same, as searches may use no
   * more of them than adding reserved.
   */
  add(keys: readonly number[], matrix: Float32Array): void {
    for (const [row, key] of keys.entries()) {
      const vector = matrix.subarray(row * this.#dimension, (row + 1) * this.#dimension);
      this.#index.add(BigInt(key), vector, allThreads);
    }
  }

  remove(keys: readonly number[]): void {
    if (keys.length > 0) this.#index.remove(BigUint64Array.from(keys, BigInt));
  }

  /** Proposals for each query, nearest first; fewer than `count` where the walk found no more. */
  search(queries: readonly Float32Array[], count: number): readonly (readonly Candidate[])[] {
    if (this.size === 0) return queries.map(() => []);
    const matrix = new Float32Array(queries.length * this.#dimension);
    for (const [row, query] of queries.entries()) matrix.set(query, row * this.#dimension);
    const found = this.#index.search(matrix, count, allThreads);
    return queries.map((_, row) =>
      found instanceof BatchMatches ? rowOf(found, row) : pairs(found.keys, found.distances),
    );
  }

  save(path: string): void {
    this.#index.save(path);
  }

  load(path: string): void {
    this.#index.load(path);
  }
}

/** A batch gives each query `k` places, of which the first `counts[row]` are filled. */
function rowOf(found: BatchMatches, row: number): readonly Candidate[] {
  const start = row * found.k;
  const end = start + Number(found.counts[row] ?? 0n);
  return pairs(found.keys.subarray(start, end), found.distances.subarray(start, end));
}

function pairs(keys: BigUint64Array, distances: Float32Array): readonly Candidate[] {
  return Array.from(keys, (key, index) => ({ key: Number(key), distance: distances[index] ?? 2 }));
}
