import type { VectorSearch } from "../../search-store.ts";
import type { ChunksTable } from "../rows/chunks-table.ts";
import { cosineDistance, greatestDistance } from "../vectors/cosine-distance.ts";
import { byDistance, type Candidate } from "../vectors/nearest.ts";
import { finish, type Steps } from "../../../scheduling/steps.ts";
import type { FilterCheck } from "./filter-check.ts";

/** Candidates that are looked at in a step. */
const lookedAtAtOnce = 64;

interface Choice {
  /** The first k that pass and lie within the distance. */
  readonly chosen: readonly Candidate[];
  /** Whether some candidate lies beyond the distance asked for. */
  readonly beyond: boolean;
  /** How many of the candidates it took until k passed; infinite where fewer do. */
  readonly depth: number;
  /** Whether measuring more candidates would hardly have changed the choice. */
  readonly settled: boolean;
}

/** One search and what it knows of chunks already, so that asking for more candidates reads none of them twice. */
export class SearchPlan {
  readonly search: VectorSearch;
  readonly check: FilterCheck;
  /** The threshold with the tolerance of the arithmetic. */
  readonly maxDistance: number;
  readonly #chunks: ChunksTable;
  readonly #distances = new Map<number, number | undefined>();
  /** Of vectors that are equal to others, by what these have in common. */
  readonly #equals = new Map<number, number>();

  constructor(search: VectorSearch, check: FilterCheck, chunks: ChunksTable) {
    this.search = search;
    this.check = check;
    this.maxDistance = greatestDistance(search.maxDistance);
    this.#chunks = chunks;
  }

  /** How many chunks were compared in full precision. */
  get measured(): number {
    return this.#distances.size;
  }

  /**
   * Measures candidates and takes the best.
   *
   * @param vector the true vector of a chunk, where it is in memory
   * @param typicalError how far estimates are off, as a rule: then candidates are measured, those nearest by the index's own
   *   reckoning first, until others would hardly change the choice; without it all are
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
    const chosen = within.toSorted(byDistance).slice(0, k);
    return { chosen, beyond: within.length < passing.length, depth, settled };
  }

  #measure({ key, equal }: Candidate, vector: (key: number) => Float32Array | undefined): number | undefined {
    if (this.#distances.has(key)) return this.#distances.get(key);
    const same = equal === undefined ? undefined : this.#equals.get(equal);
    if (same !== undefined) return same;
    const found = vector(key) ?? this.#chunks.vector(key);
    const distance = found === undefined ? undefined : cosineDistance(this.search.vector, found);
    this.#distances.set(key, distance);
    if (equal !== undefined && distance !== undefined) this.#equals.set(equal, distance);
    return distance;
  }
}

/** How much farther off than any estimate so far the next one may be. */
const caution = 2;

/** Tells when measuring more candidates would hardly change the answer, by how far off the estimates were so far. */
class Enough {
  readonly #k: number;
  readonly #best: number[] = [];
  #error: number;

  /** @param error how far estimates are off at least */
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

  /** Whether a candidate with this estimate, and any after it, is too far away. */
  before(estimate: number): boolean {
    const last = this.#best[this.#k - 1];
    return last !== undefined && estimate - caution * this.#error > last;
  }
}
