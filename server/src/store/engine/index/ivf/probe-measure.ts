import { type Candidate, byDistance } from "../../vectors/nearest.ts";
import { encode } from "../../vectors/codes.ts";
import { joined, nearestOf } from "../../vectors/compare-codes.ts";
import { far, near, wantedRecall } from "../measure/search-effort.ts";
import { measureQueries, type Queries } from "../measure/measure-queries.ts";
import type { Centroids } from "./centroids.ts";
import type { TrainingSample } from "./training-sample.ts";

/** Target recall of the probed lists; higher than promised, as queries differ. */
const aimedRecall = wantedRecall + 0.003;
/** A member of the sample is its own nearest neighbour. */
const itself = 1;

/** Number of lists to probe for few results, and for many. */
export interface Probes {
  readonly near: number;
  readonly far: number;
  /** Recall with `near`, for the worst kind of query. */
  readonly recall: number;
  readonly queries: number;
}

/**
 * Measures how many lists contain nearly all of the nearest, for each kind of query. In a sample of a larger library the
 * nearest are farther apart, so the number is over- rather than underestimated.
 */
export class ProbeMeasure {
  readonly #dimension: number;
  /** Number of queries per kind; those of the first kind are members of the sample. */
  readonly #kinds: readonly number[];
  readonly #matrix: Int8Array<ArrayBuffer>;
  /** For each query the nearest rows so far. */
  readonly #nearest: (readonly Candidate[])[];
  readonly #lists: Uint32Array<ArrayBuffer>;

  private constructor(size: number, dimension: number, kinds: readonly Queries[]) {
    this.#dimension = dimension;
    this.#kinds = kinds.map(({ length }) => length);
    this.#matrix = joined(
      kinds.flat().map((vector) => encode(vector).bytes),
      dimension,
    );
    this.#nearest = kinds.flat().map(() => []);
    this.#lists = new Uint32Array(size);
  }

  /** Yields between slices. */
  static *begin(
    { size, file }: TrainingSample,
    dimension: number,
    random: () => number,
  ): Generator<undefined, ProbeMeasure> {
    const any = () => {
      const code = new Int8Array(dimension);
      file.read(Math.floor(random() * size), 1, code, 0);
      return code;
    };
    return new ProbeMeasure(size, dimension, yield* measureQueries(any, size, [], random));
  }

  get queries(): number {
    return this.#nearest.length;
  }

  /** Takes rows of the sample, which start at the beginning of their buffer, with the list of each. */
  add(from: number, codes: Int8Array, lists: readonly number[]): void {
    this.#lists.set(lists, from);
    const count = far.neighbours + itself;
    const found = nearestOf(codes, this.#matrix, count, { dimension: this.#dimension, threads: 1 });
    for (const [query, rows] of found.entries()) {
      const own = rows.map(({ row, distance }) => ({ key: from + row, distance }));
      this.#nearest[query] = [...(this.#nearest[query] ?? []), ...own].toSorted(byDistance).slice(0, count);
    }
  }

  *probes(centroids: Centroids): Generator<undefined, Probes> {
    const needed = { near: 1, far: 1 };
    const nearRanks: (readonly number[])[] = [];
    let query = 0;
    for (const [kind, count] of this.#kinds.entries()) {
      const ranks: { near: number[]; far: number[] } = { near: [], far: [] };
      for (const end = query + count; query < end; query++) {
        const own = this.#ranks(centroids, query).slice(kind === 0 ? itself : 0);
        ranks.near.push(...own.slice(0, near.neighbours));
        ranks.far.push(...own.slice(0, far.neighbours));
        if (query % 4 === 3) yield;
      }
      nearRanks.push(ranks.near);
      needed.near = Math.max(needed.near, holding(ranks.near));
      needed.far = Math.max(needed.far, holding(ranks.far));
    }
    // Queries differ from stored vectors: probe at least as many lists as pgvector's guide starts with.
    const least = Math.ceil(Math.sqrt(centroids.count));
    const probes = (count: number) => Math.min(centroids.count, Math.max(count, least));
    const chosen = probes(needed.near);
    const recalls = nearRanks.map((ranks) => ranks.filter((rank) => rank <= chosen).length / Math.max(1, ranks.length));
    return { near: chosen, far: probes(needed.far), recall: Math.min(...recalls), queries: this.queries };
  }

  /** The ranks, among all lists by their distance from a query, of the lists that hold its nearest vectors, nearest first. */
  #ranks(centroids: Centroids, query: number): readonly number[] {
    const start = query * this.#dimension;
    const order = centroids.around(this.#matrix.slice(start, start + this.#dimension), centroids.count);
    const rankOf = new Map(order.map(({ row }, rank) => [row, rank + 1]));
    return (this.#nearest[query] ?? []).map(({ key }) => rankOf.get(this.#lists[key] ?? 0) ?? centroids.count);
  }
}

/** How many of the nearest lists contain nearly all vectors with these ranks. */
function holding(ranks: readonly number[]): number {
  const sorted = ranks.toSorted((a, b) => a - b);
  return sorted[Math.ceil(aimedRecall * sorted.length) - 1] ?? 1;
}
