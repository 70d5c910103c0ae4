import type { Steps } from "../../../../scheduling/steps.ts";
import type { StoreSearch } from "../../../search-store.ts";
import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import type { RowSet } from "../../metadata-index/rows/row-set.ts";
import type { SpaceVectors } from "../../rows/vectors-table.ts";
import type { Scores } from "../../text/text-scores.ts";
import { cosineDistance, greatestDistance } from "../../vectors/cosine-distance.ts";
import type { FoundChunk } from "../answers/hit-serializer.ts";
import { visitVectors } from "../facets/matching-chunks.ts";
import type { Likeness } from "../ranking/like-searcher.ts";
import type { HitRef } from "./best-hits.ts";
import { noHit } from "./group-all.ts";

/** Scores looked up per step. */
const scoredAtOnce = 4_096;

/** What a search has found, best first. */
export interface FoundFirst {
  readonly chosen: readonly FoundChunk[];
  /** Whether nothing else matches. */
  readonly complete: boolean;
  readonly exact: boolean;
  /** Of a search by words alone: the scores of all chunks that have any. */
  readonly scores?: Scores | undefined;
  /** The vector and chunks of what a search by likeness names. */
  readonly likeness?: Likeness | undefined;
}

/** The order of all chunks for one search, whose first hits are known. */
export class HitOrders {
  readonly #search: StoreSearch;
  readonly #found: FoundFirst;
  readonly #vectors: SpaceVectors;
  readonly #known: ReadonlyMap<number, HitRef & { readonly chunk: FoundChunk }>;
  readonly #greatest: number;

  constructor(search: StoreSearch, found: FoundFirst, vectors: SpaceVectors) {
    this.#search = found.likeness?.search ?? search;
    this.#found = found;
    this.#vectors = vectors;
    this.#greatest = greatestDistance(search.mode === "text" ? undefined : search.maxDistance);
    const { chosen } = found;
    this.#known = new Map(
      chosen.map((chunk, place) => [
        chunk.key,
        { key: chunk.key, order: this.#orderOf(chunk, place - chosen.length), chunk },
      ]),
    );
  }

  /** The first hits. */
  get first(): readonly HitRef[] {
    return [...this.#known.values()];
  }

  /** The order of a chunk that passes the filter; undefined if it is no hit. */
  of(key: number): number | undefined {
    const { scores, likeness } = this.#found;
    if (scores !== undefined) return scores.has(key) ? -scores.score(key) : undefined;
    if (likeness?.own.has(key) === true) return undefined;
    const known = this.#known.get(key)?.order;
    if (known !== undefined) return known;
    const vector = this.#vectors.vector(key);
    const distance = vector === undefined ? Infinity : cosineDistance(this.#query, vector);
    return distance <= this.#greatest ? distance : undefined;
  }

  /** The order of every row that passes and is a hit. */
  *ofAll(passing: RowSet, { rows, count }: CapturedFields, library: number): Steps<Float64Array> {
    const orders = new Float64Array(count).fill(noHit);
    const { scores } = this.#found;
    if (scores !== undefined) {
      let looked = 0;
      for (const keys of scores.keys()) {
        for (const key of keys) {
          const row = rows.find(key);
          if (row !== undefined && passing.has(row)) orders[row] = -scores.score(key);
          if (++looked % scoredAtOnce === 0) yield;
        }
      }
      return orders;
    }
    const query = this.#query;
    yield* visitVectors({ rows, count, passing, vectors: this.#vectors, library }, (row, vector) => {
      const distance = cosineDistance(query, vector);
      if (distance <= this.#greatest) orders[row] = distance;
    });
    for (const { key, order } of this.#known.values()) {
      const row = rows.find(key);
      if (row !== undefined) orders[row] = order;
    }
    return orders;
  }

  toChunk({ key, order }: HitRef): FoundChunk {
    const known = this.#known.get(key);
    if (known !== undefined) return known.chunk;
    if (this.#search.mode === "text") return { key, distance: null, score: -order };
    return this.#search.mode === "hybrid" ? { key, distance: order, score: 0 } : { key, distance: order };
  }

  get #query(): Float32Array {
    if (this.#search.mode === "text" || this.#search.mode === "like") throw new Error("The search has no vector");
    return this.#search.vector;
  }

  /** Hits of a hybrid search that its lists do not have come behind them, in the order of their distances. */
  #orderOf({ distance, score }: FoundChunk, place: number): number {
    if (this.#search.mode === "hybrid") return place;
    return this.#search.mode === "text" ? -(score ?? 0) : (distance ?? 0);
  }
}
