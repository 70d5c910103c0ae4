import type { VectorSearch } from "../../../search-store.ts";
import type { SpaceVectors } from "../../rows/vectors-table.ts";
import { cosineDistance, greatestDistance } from "../../vectors/cosine-distance.ts";
import { byDistance, type Candidate } from "../../vectors/nearest.ts";
import { sortInSteps } from "../../../../scheduling/sort-in-steps.ts";
import { finish, type Steps } from "../../../../scheduling/steps.ts";
import type { FilterCheck } from "./filter-check.ts";

/** Candidates processed per step. */
const lookedAtAtOnce = 64;

interface Choice {
  /** The first k that pass and lie within the distance. */
  readonly chosen: readonly Candidate[];
  /** Whether some candidate lies beyond the maximum distance. */
  readonly beyond: boolean;
  /** Number of candidates needed until k passed; infinite if fewer than k pass. */
  readonly depth: number;
  /** Whether measuring more candidates is unlikely to change the result. */
  readonly settled: boolean;
}

/** One search and its cache of chunks, so that asking for more candidates reads none of them twice. */
export class SearchRun {
  readonly search: VectorSearch;
  readonly check: FilterCheck;
  /** The maximum distance, with the tolerance for rounding. */
  readonly maxDistance: number;
  readonly #vectors: Pick<SpaceVectors, "vector">;
  readonly #distances = new Map<number, number | undefined>();
  /** Contents shared by chunks with equal vectors. */
  readonly #equals = new Map<number, number>();

  constructor(search: VectorSearch, check: FilterCheck, vectors: Pick<SpaceVectors, "vector">) {
    this.search = search;
    this.check = check;
    this.maxDistance = greatestDistance(search.maxDistance);
    this.#vectors = vectors;
  }

  /** Number of chunks compared in full precision. */
  get measured(): number {
    return this.#distances.size;
  }

  /**
   * Measures candidates and takes the best.
   *
   * @param vector returns the true vector of a chunk if it is in memory
   * @param typicalError usual error of the estimates: candidates are measured in order of their estimates until more are
   *   unlikely to change the result; if undefined, all are measured
   */
  choose(
    candidates: readonly Candidate[],
    vector: (key: number) => Float32Array | undefined,
    typicalError?: number,
  ): Choice {
    return finish(this.chooseInSteps(candidates, vector, typicalError));
  }

  *chooseInSteps(
    candidates: readonly Candidate[],
    vector: (key: number) => Float32Array | undefined,
    typicalError?: number,
  ): Steps<Choice> {
    const passing: Candidate[] = [];
    const { k } = this.search;
    const enough = typicalError === undefined ? undefined : new Enough(k, typicalError);
    const ordered = enough === undefined ? candidates : candidates.toSorted(byDistance);
    yield;
    let depth = Infinity;
    let settled = enough === undefined;
    for (const [place, candidate] of ordered.entries()) {
      const { key, distance: estimate } = candidate;
      settled = enough?.before(estimate) ?? settled;
      if (enough !== undefined && settled) break;
      if (place % lookedAtAtOnce === lookedAtAtOnce - 1) yield;
      if (!this.check.passes(key)) continue;
      const distance = this.#measure(candidate, vector);
      if (distance === undefined) continue;
      passing.push({ key, distance });
      if (passing.length === k) depth = place + 1;
      enough?.measured(estimate, distance);
    }
    yield;
    const within = passing.filter(({ distance }) => distance <= this.maxDistance);
    const chosen = (yield* sortInSteps(within, byDistance)).slice(0, k);
    return { chosen, beyond: within.length < passing.length, depth, settled };
  }

  #measure({ key, equal }: Candidate, vector: (key: number) => Float32Array | undefined): number | undefined {
    if (this.#distances.has(key)) return this.#distances.get(key);
    const same = equal === undefined ? undefined : this.#equals.get(equal);
    if (same !== undefined) return same;
    const found = vector(key) ?? this.#vectors.vector(key);
    const distance = found === undefined ? undefined : cosineDistance(this.search.vector, found);
    this.#distances.set(key, distance);
    if (equal !== undefined && distance !== undefined) this.#equals.set(equal, distance);
    return distance;
  }
}

/** Factor by which the next error may exceed the greatest one so far. */
const caution = 2;

/** Decides when measuring more candidates is unlikely to change the result, from the errors of the estimates so far. */
class Enough {
  readonly #k: number;
  readonly #best: number[] = [];
  #error: number;

  /** @param error minimum assumed error of the estimates */
  constructor(k: number, error: number) {
    this.#k = k;
    this.#error = error;
  }

  measured(estimate: number, distance: number): void {
    this.#error = Math.max(this.#error, Math.abs(distance - estimate));
    if (distance >= (this.#best[this.#k - 1] ?? Infinity)) return;
    const place = this.#best.findLastIndex((other) => other <= distance);
    this.#best.splice(place + 1, 0, distance);
    if (this.#best.length > this.#k) this.#best.pop();
  }

  /** Whether a candidate with this estimate, and all later ones, are too far away. */
  before(estimate: number): boolean {
    const last = this.#best[this.#k - 1];
    return last !== undefined && estimate - caution * this.#error > last;
  }
}
