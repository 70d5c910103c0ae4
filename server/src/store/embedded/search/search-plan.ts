import type { VectorSearch } from "../../store.ts";
import type { ChunksTable } from "../chunks-table.ts";
import { cosineDistance, greatestDistance } from "../cosine-distance.ts";
import { byDistance, type Candidate } from "../nearest.ts";
import type { FilterCheck } from "./filter-check.ts";

interface Choice {
  /** The first k that pass and lie within the distance. */
  readonly chosen: readonly Candidate[];
  /** Whether some candidate lies beyond the distance asked for. */
  readonly beyond: boolean;
}

/** One search and what it knows of chunks already, so that asking for more candidates reads none of them twice. */
export class SearchPlan {
  readonly search: VectorSearch;
  readonly check: FilterCheck;
  /** The threshold with the tolerance of the arithmetic. */
  readonly maxDistance: number;
  readonly #chunks: ChunksTable;
  readonly #distances = new Map<number, number | undefined>();

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
   * @param limit how many that pass are measured at most, those nearest by the index's own reckoning
   */
  choose(
    candidates: readonly Candidate[],
    vector: (key: number) => Float32Array | undefined,
    limit = Infinity,
  ): Choice {
    const passing: Candidate[] = [];
    const isLimited = limit < Infinity;
    const enough = new Enough(this.search.k);
    for (const { key, distance: estimate } of isLimited ? candidates.toSorted(byDistance) : candidates) {
      if (isLimited && (passing.length >= limit || enough.before(estimate))) break;
      if (!this.check.passes(key)) continue;
      const distance = this.#measure(key, vector);
      if (distance === undefined) continue;
      passing.push({ key, distance });
      if (isLimited) enough.measured(estimate, distance);
    }
    const within = passing.filter(({ distance }) => distance <= this.maxDistance);
    return { chosen: within.toSorted(byDistance).slice(0, this.search.k), beyond: within.length < passing.length };
  }

  #measure(key: number, vector: (key: number) => Float32Array | undefined): number | undefined {
    if (this.#distances.has(key)) return this.#distances.get(key);
    const found = vector(key) ?? this.#chunks.vector(key);
    const distance = found === undefined ? undefined : cosineDistance(this.search.vector, found);
    this.#distances.set(key, distance);
    return distance;
  }
}

/** How much farther off than any estimate so far the next one may be. */
const caution = 2;

/** Tells when measuring more candidates would hardly change the answer, by how far off the estimates were so far. */
class Enough {
  readonly #k: number;
  readonly #best: number[] = [];
  #error = 0;

  constructor(k: number) {
    this.#k = k;
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
