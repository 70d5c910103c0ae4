import { type CompiledFilter, compile } from "@arrwdb/protocol/filter/filter";
import type { VectorSearch } from "../../search-store.ts";
import type { ChunkRow } from "../rows/chunks-table.ts";
import { greatestDistance } from "../vectors/cosine-distance.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { LiveAnswer } from "./live-messages.ts";
import { DraftList } from "./draft-list.ts";
import { RankedList } from "./ranked-list.ts";

/** Chunks requested beyond k: the number of deletions before the library has to be searched again. */
const leastSlack = 8;
const mostSlack = 128;

export const capacityOf = ({ k }: Pick<VectorSearch, "k">): number => k + Math.min(Math.max(leastSlack, k), mostSlack);

/** Parameters of a live query. */
export interface LiveQueryStateOptions {
  readonly id: number;
  readonly libraryId: string;
  readonly search: VectorSearch;
  /** Contents of chunks, shared by several queries. */
  readonly pool: ChunkPool;
}

/** One live query: its hits, and some chunks behind them. */
export class LiveQueryState {
  readonly id: number;
  readonly libraryId: string;
  /** The library position that it shows. */
  seq = 0;
  /** Without the vector, which is stored with those of other queries. */
  readonly search: Omit<VectorSearch, "vector">;
  readonly filter: CompiledFilter | undefined;
  /** The hits of the last update. */
  shown: readonly number[] = [];
  /** Positions of the last writes of their documents. */
  shownSeqs: readonly number[] = [];
  /** Whether a search is in progress, so that its hits are unknown until the result arrives. */
  asking = false;
  readonly #pool: ChunkPool;
  #list: RankedList;
  #exact = false;

  constructor({ id, libraryId, search, pool }: LiveQueryStateOptions) {
    this.id = id;
    this.libraryId = libraryId;
    const { k, maxDistance, filter, caller } = search;
    this.search = { k, maxDistance, filter, caller };
    this.filter = filter === undefined ? undefined : compile(filter);
    this.#pool = pool;
    this.#list = new RankedList(capacityOf(this.search));
  }

  /** Whether the list comes from an exact search. */
  get exact(): boolean {
    return this.#exact;
  }

  /** Chunks farther away than this do not change the list. */
  get bound(): number {
    return Math.min(this.#list.bound, greatestDistance(this.search.maxDistance));
  }

  /** Whether the list contains one of these. */
  lists(keys: ReadonlySet<number>): boolean {
    return this.#list.keys.some((key) => keys.has(key));
  }

  /** Whether it lacks chunks and has to be refilled by a search. */
  get short(): boolean {
    return !this.#list.complete && this.#list.keys.length < this.search.k;
  }

  keys(): readonly number[] {
    return this.#list.keys.slice(0, this.search.k);
  }

  distances(): readonly number[] {
    return this.#list.distances.slice(0, this.search.k);
  }

  /** Takes the result of a search. */
  fill({ keys, distances, complete, exact }: LiveAnswer, chunks: ReadonlyMap<number, ChunkRow>, seq: number): void {
    this.clear();
    for (const key of keys) {
      const chunk = chunks.get(key);
      if (chunk === undefined) throw new Error(`An answer names chunk ${key} and does not bring it`);
      this.#pool.list(chunk);
    }
    this.#list.replace(keys, distances, complete);
    this.#exact = exact;
    this.asking = false;
    this.seq = seq;
  }

  /** The next state of the list, to which changes are applied until `take`. Until then the current one is shown. */
  draft(): DraftList {
    return new DraftList(this.#list.copy(), greatestDistance(this.search.maxDistance));
  }

  /**
   * Adopts the draft as the list.
   *
   * @param arrivals the chunks added to the list
   * @returns whether the shown hits changed
   */
  take(draft: DraftList, arrivals: { get(key: number): { readonly chunk: ChunkRow } | undefined }): boolean {
    for (const key of draft.came) {
      const arrival = arrivals.get(key);
      if (arrival === undefined) throw new Error(`Chunk ${key} came into a list from nowhere`);
      this.#pool.list(arrival.chunk);
    }
    for (const key of draft.gone) this.#pool.unlist(key);
    this.#list = draft.list;
    return draft.firstChange < this.search.k;
  }

  /** Clears its list. */
  clear(): void {
    for (const key of this.#list.keys) this.#pool.unlist(key);
    this.#list.replace([], [], true);
  }
}
