import type { Candidate } from "../../nearest.ts";
import { byDistance } from "../../nearest.ts";
import { joined, nearestOf } from "../compare-codes.ts";
import type { Centroids } from "./centroids.ts";
import { evenly, type Sample } from "./sample.ts";

const queryCount = 100;
const neighbours = 10;
/** The part of the nearest that has to be in the lists that are looked at; more than is promised, as queries differ. */
const wantedRecall = 0.98;

/**
 * Finds out how many lists hold nearly all of the ten nearest, from members of the sample. In a sample of a larger library
 * the nearest are farther away, so the number is rather too large than too small.
 */
export class ProbeMeasure {
  readonly #dimension: number;
  readonly #rows: readonly number[];
  readonly #matrix: Int8Array<ArrayBuffer>;
  /** For each query the nearest rows so far; itself too, which is left out in the end. */
  readonly #nearest: Candidate[][];
  readonly #lists: Uint32Array<ArrayBuffer>;

  constructor({ size, file }: Sample, dimension: number, random: () => number) {
    this.#dimension = dimension;
    this.#rows = evenly(size, queryCount, random);
    const codes = this.#rows.map((row) => {
      const code = new Int8Array(dimension);
      file.read(row, 1, code, 0);
      return code;
    });
    this.#matrix = joined(codes, dimension);
    this.#nearest = this.#rows.map(() => []);
    this.#lists = new Uint32Array(size);
  }

  get queries(): number {
    return this.#rows.length;
  }

  /** Takes rows of the sample, which begin where their buffer does, with the list of each. */
  add(from: number, codes: Int8Array, lists: readonly number[]): void {
    this.#lists.set(lists, from);
    const found = nearestOf(codes, this.#matrix, this.#dimension, neighbours + 1, 1);
    for (const [query, rows] of found.entries()) {
      const own = rows.map(({ row, distance }) => ({ key: from + row, distance }));
      this.#nearest[query] = [...(this.#nearest[query] ?? []), ...own].toSorted(byDistance).slice(0, neighbours + 1);
    }
  }

  *probes(centroids: Centroids): Generator<undefined, number> {
    const ranks: number[] = [];
    for (const [query, own] of this.#rows.entries()) {
      const start = query * this.#dimension;
      const order = centroids.around(this.#matrix.slice(start, start + this.#dimension), centroids.count);
      const rankOf = new Map(order.map(({ row }, rank) => [row, rank + 1]));
      const others = (this.#nearest[query] ?? []).filter(({ key }) => key !== own).slice(0, neighbours);
      for (const { key } of others) ranks.push(rankOf.get(this.#lists[key] ?? 0) ?? centroids.count);
      if (query % 8 === 7) yield;
    }
    const sorted = ranks.toSorted((a, b) => a - b);
    const measured = sorted[Math.ceil(wantedRecall * sorted.length) - 1] ?? 1;
    // What is asked differs from what is there: at least as many as pgvector's guide begins with.
    return Math.min(centroids.count, Math.max(measured, Math.ceil(Math.sqrt(centroids.count))));
  }
}
