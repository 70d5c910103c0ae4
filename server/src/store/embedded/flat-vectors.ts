import { BatchMatches, exactSearch, MetricKind } from "usearch";
import type { Candidate } from "./nearest.ts";

const initialRows = 16;

/** Starting threads takes longer than one query does. */
const oneThread = 1;
const allThreads = 0;

/** Vectors side by side in memory, searched by comparing them all. */
export class FlatVectors {
  readonly #dimension: number;
  #matrix: Float32Array<ArrayBuffer>;
  #keys: number[] = [];
  readonly #rows = new Map<number, number>();

  constructor(dimension: number) {
    this.#dimension = dimension;
    this.#matrix = new Float32Array(initialRows * dimension);
  }

  get size(): number {
    return this.#keys.length;
  }

  keys(): readonly number[] {
    return this.#keys;
  }

  add(key: number, vector: Float32Array): void {
    if (this.#rows.has(key)) throw new Error(`Vector ${key} is there already`);
    const row = this.#keys.length;
    if ((row + 1) * this.#dimension > this.#matrix.length) this.#resize(row * 2);
    this.#matrix.set(vector, row * this.#dimension);
    this.#keys.push(key);
    this.#rows.set(key, row);
  }

  /** Whether the key was there. The last row takes its place. */
  remove(key: number): boolean {
    const row = this.#rows.get(key);
    if (row === undefined) return false;
    const last = this.#keys.length - 1;
    const moved = this.#keys[last];
    if (moved !== undefined && moved !== key) {
      this.#matrix.copyWithin(row * this.#dimension, last * this.#dimension, (last + 1) * this.#dimension);
      this.#keys[row] = moved;
      this.#rows.set(moved, row);
    }
    this.#keys.pop();
    this.#rows.delete(key);
    return true;
  }

  /** Takes the last `count` vectors out. */
  takeLast(count: number): { readonly keys: readonly number[]; readonly matrix: Float32Array<ArrayBuffer> } {
    const from = Math.max(0, this.#keys.length - count);
    const matrix = this.#matrix.slice(from * this.#dimension, this.#keys.length * this.#dimension);
    const keys = this.#keys.splice(from);
    for (const key of keys) this.#rows.delete(key);
    if (this.#keys.length * 4 * this.#dimension < this.#matrix.length)
      this.#resize(Math.max(initialRows, this.#keys.length * 2));
    return { keys, matrix };
  }

  vector(key: number): Float32Array | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#matrix.subarray(row * this.#dimension, (row + 1) * this.#dimension);
  }

  /** The nearest to each query, by cosine distance, nearest first. */
  search(queries: readonly Float32Array[], count: number): readonly (readonly Candidate[])[] {
    const wanted = Math.min(count, this.size);
    if (wanted === 0) return queries.map(() => []);
    const dataset = this.#matrix.subarray(0, this.size * this.#dimension);
    const matrix = new Float32Array(queries.length * this.#dimension);
    for (const [row, query] of queries.entries()) matrix.set(query, row * this.#dimension);
    const threads = queries.length === 1 ? oneThread : allThreads;
    const found = exactSearch(dataset, matrix, this.#dimension, wanted, MetricKind.Cos, threads);
    const width = found instanceof BatchMatches ? found.k : wanted;
    return queries.map((_query, query) =>
      Array.from({ length: wanted }, (_place, index) => {
        const place = query * width + index;
        return { key: this.#keys[Number(found.keys[place])] ?? -1, distance: found.distances[place] ?? 2 };
      }),
    );
  }

  #resize(rows: number): void {
    const matrix = new Float32Array(rows * this.#dimension);
    matrix.set(this.#matrix.subarray(0, this.#keys.length * this.#dimension));
    this.#matrix = matrix;
  }
}
