import { CopyOnWrite } from "./copy-on-write.ts";
import type { Candidate } from "./nearest.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import { firstOf, joined, nearestOf, scratch, segmentRows, type FrozenRows } from "./compare-codes.ts";

const initialRows = 64;

/** Codes in memory by chunk key. All of them or a selection can be compared. */
export class CodeRows {
  readonly #dimension: number;
  /** Segments of so many rows that growing copies little. */
  readonly #segments: Int8Array<ArrayBuffer>[] = [];
  readonly #copies = new CopyOnWrite<Int8Array<ArrayBuffer>>((segment) => segment.slice());
  readonly #keys: number[] = [];
  readonly #rows = new Map<number, number>();

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  get size(): number {
    return this.#keys.length;
  }

  keys(): readonly number[] {
    return this.#keys;
  }

  has(key: number): boolean {
    return this.#rows.has(key);
  }

  code(key: number): Int8Array<ArrayBuffer> | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#row(row);
  }

  add(key: number, code: Int8Array): void {
    if (this.#rows.has(key)) throw new Error(`Vector ${key} is there already`);
    const row = this.#keys.length;
    this.#makeRoom(row);
    this.#write(row, code);
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
      this.#write(row, this.#row(last));
      this.#keys[row] = moved;
      this.#rows.set(moved, row);
    }
    this.#keys.pop();
    this.#rows.delete(key);
    const needed = Math.ceil(this.#keys.length / segmentRows);
    if (this.#segments.length > needed + 1) this.#segments.length = needed + 1;
    return true;
  }

  /** The `count` nearest to each query of all codes, nearest first. */
  search(queries: readonly Int8Array[], count: number): readonly (readonly Candidate[])[] {
    if (queries.length === 0 || count === 0) return queries.map(() => []);
    const steps = this.searching(joined(queries, this.#dimension), count);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /** The same in slices, each of which compares the queries of a matrix with some thousand codes. */
  *searching(matrix: Int8Array, count: number): Generator<undefined, readonly (readonly Candidate[])[]> {
    const found: Candidate[][] = Array.from({ length: matrix.length / this.#dimension }, () => []);
    for (let from = 0; from < this.#keys.length; from += segmentRows) {
      const rows = Math.min(segmentRows, this.#keys.length - from);
      const segment = this.#segments[from / segmentRows]?.subarray(0, rows * this.#dimension);
      if (segment === undefined) break;
      for (const [query, list] of nearestOf(segment, matrix, count, { dimension: this.#dimension }).entries()) {
        for (const { row, distance } of list) found[query]?.push({ key: this.#keys[from + row] ?? -1, distance });
      }
      yield;
    }
    return this.#segments.length < 2 ? found : found.map((list) => firstOf(list, count));
  }

  /** The `count` nearest of the codes with these keys; unknown keys are skipped. */
  compare(query: Int8Array, keys: Iterable<number>, count: number): readonly Candidate[] {
    const present: number[] = [];
    const places: number[] = [];
    for (const key of keys) {
      const row = this.#rows.get(key);
      if (row === undefined) continue;
      present.push(key);
      places.push(row);
    }
    const matrix = scratch(Math.min(present.length, segmentRows) * this.#dimension);
    const found: Candidate[] = [];
    for (let from = 0; from < present.length; from += segmentRows) {
      const block = present.slice(from, from + segmentRows);
      // Memory latency dominates here; copying words in a loop was slower still.
      for (const [place, row] of places.slice(from, from + segmentRows).entries())
        matrix.set(this.#row(row), place * this.#dimension);
      const rows = matrix.subarray(0, block.length * this.#dimension);
      for (const { row, distance } of nearestOf(rows, query, count, { dimension: this.#dimension })[0] ?? []) {
        found.push({ key: block[row] ?? -1, distance });
      }
    }
    return present.length > segmentRows ? firstOf(found, count) : found;
  }

  /** The codes in the order of `keys()`. */
  *blocks(): Generator<Int8Array<ArrayBuffer>> {
    for (const [index, segment] of this.#segments.entries()) {
      const rows = Math.min(segmentRows, this.#keys.length - index * segmentRows);
      if (rows > 0) yield segment.subarray(0, rows * this.#dimension);
    }
  }

  /** A snapshot of the codes. */
  freeze(): FrozenRows {
    this.#copies.freeze(this.#segments);
    return { keys: [...this.#keys], blocks: [...this.blocks()] };
  }

  /** Fills an empty table, in steps. @param fill copies the next codes into a block */
  *restore(keys: BigUint64Array, fill: (block: Int8Array<ArrayBuffer>) => void): Steps<void> {
    for (let from = 0; from < keys.length; from += segmentRows) {
      const block = new Int8Array(segmentRows * this.#dimension);
      fill(block.subarray(0, Math.min(segmentRows, keys.length - from) * this.#dimension));
      this.#segments.push(block);
      yield;
    }
    for (const saved of keys) {
      const key = Number(saved);
      this.#rows.set(key, this.#keys.length);
      this.#keys.push(key);
      if (this.#keys.length % segmentRows === 0) yield;
    }
  }

  #row(row: number): Int8Array<ArrayBuffer> {
    const start = (row % segmentRows) * this.#dimension;
    const segment = this.#segments[Math.floor(row / segmentRows)];
    if (segment === undefined) throw new Error(`There is no row ${row}`);
    return segment.subarray(start, start + this.#dimension);
  }

  #write(row: number, code: Int8Array): void {
    const segment = this.#copies.writable(this.#segments, Math.floor(row / segmentRows));
    segment.set(code, (row % segmentRows) * this.#dimension);
  }

  #makeRoom(row: number): void {
    const place = Math.floor(row / segmentRows);
    const segment = this.#segments[place];
    const needed = ((row % segmentRows) + 1) * this.#dimension;
    if (segment !== undefined && segment.length >= needed) return;
    const rows = place > 0 ? segmentRows : Math.min(segmentRows, Math.max(initialRows, 2 * row));
    const larger = new Int8Array(rows * this.#dimension);
    if (segment !== undefined) larger.set(segment);
    this.#segments[place] = larger;
  }
}
