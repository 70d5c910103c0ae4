import { BatchMatches, exactSearch, MetricKind } from "usearch";
import type { Candidate } from "./nearest.ts";

const initialRows = 16;

/** Starting threads takes longer than one query does. */
const oneThread = 1;
const allThreads = 0;

/** Contiguous vectors in memory, searched exhaustively. */
export class FlatVectors {
  readonly #dimension: number;
  #matrix: Float32Array<ArrayBuffer>;
  #keys: number[] = [];
  readonly #rows = new Map<number, number>();

  /** @param rows initial capacity */
  constructor(dimension: number, rows: number = initialRows) {
    this.#dimension = dimension;
    this.#matrix = new Float32Array(rows * dimension);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Bytes of memory. */
  get bytes(): number {
    return this.#matrix.byteLength + 48 * this.#keys.length;
  }

  keys(): readonly number[] {
    return this.#keys;
  }

  has(key: number): boolean {
    return this.#rows.has(key);
  }

  /** An independent copy. */
  copy(): FlatVectors {
    const copy = new FlatVectors(this.#dimension, 0);
    copy.#matrix = this.#matrix.slice();
    copy.#keys = [...this.#keys];
    for (const [key, row] of this.#rows) copy.#rows.set(key, row);
    return copy;
  }

  add(key: number, vector: Float32Array): void {
    if (this.#rows.has(key)) throw new Error(`Vector ${key} is there already`);
    const row = this.#keys.length;
    if ((row + 1) * this.#dimension > this.#matrix.length) this.#resize(Math.max(1, row * 2));
    this.#matrix.set(vector, row * this.#dimension);
    this.#keys.push(key);
    this.#rows.set(key, row);
  }

  /** Returns whether the key existed. The last row takes its place. */
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

  vector(key: number): Float32Array | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#matrix.subarray(row * this.#dimension, (row + 1) * this.#dimension);
  }

  /** The nearest to each query, by cosine distance, nearest first. */
  search(queries: readonly Float32Array[], count: number): readonly (readonly Candidate[])[] {
    const wanted = Math.min(count, this.size);
    if (wanted === 0) return queries.map(() => []);
    const dataset = this.#matrix.subarray(0, this.size * this.#dimension);
    const matrix = joined(queries, this.#dimension);
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

  /**
   * Compares every vector with each of the others, and passes these to `visit` nearest first, with the native code's
   * distance, until it returns false; then continues with the next vector.
   *
   * @param visit takes a vector's key, the index of the other one, and their distance
   */
  compare(others: readonly Float32Array[], visit: (key: number, other: number, distance: number) => boolean): void {
    for (const near of this.compareOneByOne(others, visit)) void near;
  }

  /**
   * The same in steps, one per vector; yields whether `visit` accepted one of the others. Everything is compared before the
   * first step, so additions and removals between steps do not matter.
   */
  *compareOneByOne(
    others: readonly Float32Array[],
    visit: (key: number, other: number, distance: number) => boolean,
  ): Generator<boolean, void, undefined> {
    const count = others.length;
    if (count === 0 || this.size === 0) return;
    const dataset = joined(others, this.#dimension);
    const own = this.#matrix.subarray(0, this.size * this.#dimension);
    const { keys, distances } = exactSearch(dataset, own, this.#dimension, count, MetricKind.IP, oneThread);
    for (const [row, key] of [...this.#keys].entries()) {
      let place = row * count;
      while (place < (row + 1) * count && visit(key, Number(keys[place]), distances[place] ?? 2)) place++;
      yield place > row * count;
    }
  }

  #resize(rows: number): void {
    const matrix = new Float32Array(rows * this.#dimension);
    matrix.set(this.#matrix.subarray(0, this.#keys.length * this.#dimension));
    this.#matrix = matrix;
  }
}

function joined(vectors: readonly Float32Array[], dimension: number): Float32Array<ArrayBuffer> {
  const matrix = new Float32Array(vectors.length * dimension);
  for (const [row, vector] of vectors.entries()) matrix.set(vector, row * dimension);
  return matrix;
}
