import { CopyOnWrite } from "./copy-on-write.ts";
import { FlatVectors } from "./flat-vectors.ts";
import type { Candidate } from "./nearest.ts";
import { firstOf } from "./compare-codes.ts";

/** Components per segment, and maximum vectors per segment. */
const segmentNumbers = 1024 * 1024;
const mostRows = 4_096;

/** Vectors in segments, so that growing copies little, and so does changing them while a snapshot is in use. */
export class FlatSegments {
  readonly #dimension: number;
  readonly #rows: number;
  readonly #first: number;
  readonly #segments: FlatVectors[] = [];
  readonly #copies = new CopyOnWrite<FlatVectors>((segment) => segment.copy());

  /**
   * @param first initial capacity in vectors
   * @param rows vectors per segment
   */
  constructor(dimension: number, first: number, rows = Math.max(1, Math.min(mostRows, segmentNumbers / dimension))) {
    this.#dimension = dimension;
    this.#rows = Math.floor(rows);
    this.#first = Math.min(first, this.#rows);
  }

  get size(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Number of segments. */
  get count(): number {
    return this.#segments.length;
  }

  *keys(): Generator<number> {
    for (const segment of this.#segments) yield* segment.keys();
  }

  add(key: number, vector: Float32Array): void {
    if (this.#segments.some((segment) => segment.has(key))) throw new Error(`Vector ${key} is there already`);
    const last = this.#segments.length - 1;
    if (last >= 0 && (this.#segments[last]?.size ?? 0) < this.#rows) return this.#writable(last).add(key, vector);
    const segment = new FlatVectors(this.#dimension, last < 0 ? this.#first : this.#rows);
    segment.add(key, vector);
    this.#segments.push(segment);
  }

  /** Returns whether the key existed. The last vector takes its place. */
  remove(key: number): boolean {
    const at = this.#segments.findIndex((segment) => segment.has(key));
    if (at < 0) return false;
    const segment = this.#writable(at);
    segment.remove(key);
    const last = this.#writable(this.#segments.length - 1);
    const moved = last.keys().at(-1);
    const vector = moved === undefined ? undefined : last.vector(moved);
    if (last !== segment && moved !== undefined && vector !== undefined) {
      segment.add(moved, vector);
      last.remove(moved);
    }
    if (last.size === 0) this.#segments.pop();
    return true;
  }

  vector(key: number): Float32Array | undefined {
    return this.#segments.find((segment) => segment.has(key))?.vector(key);
  }

  /** The nearest to each query, by cosine distance, nearest first. */
  search(queries: readonly Float32Array[], count: number): readonly (readonly Candidate[])[] {
    const found = this.#segments.map((segment) => segment.search(queries, count));
    if (found.length === 1) return found[0] ?? [];
    return queries.map((_query, place) =>
      firstOf(
        found.flatMap((lists) => lists[place] ?? []),
        count,
      ),
    );
  }

  /** A snapshot of the segments. */
  freeze(): readonly FlatVectors[] {
    return this.#copies.freeze(this.#segments);
  }

  #writable(place: number): FlatVectors {
    return this.#copies.writable(this.#segments, place);
  }
}
