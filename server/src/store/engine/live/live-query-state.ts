import { type CompiledFilter, compile } from "@arrwdb/protocol/filter";
import type { VectorSearch } from "../../search-store.ts";
import type { ChunkRow } from "../rows/chunks-table.ts";
import { greatestDistance } from "../vectors/cosine-distance.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { LiveAnswer } from "./live-messages.ts";
import { DraftList } from "./draft-list.ts";
import { RankedList } from "./ranked-list.ts";

/** What is asked for beyond k: as many deletions pass before the library has to be searched again. */
const leastSlack = 8;
const mostSlack = 128;

export const capacityOf = ({ k }: Pick<VectorSearch, "k">): number => k + Math.min(Math.max(leastSlack, k), mostSlack);

/** What a standing search is made from. */
export interface StandingQueryOptions {
  readonly id: number;
  readonly libraryId: string;
  readonly search: VectorSearch;
  /** Chunks that several of them hold. */
  readonly pool: ChunkPool;
}

/** One standing search: the chunks that it would find, and some behind them. */
export class LiveQueryState {
  readonly id: number;
  readonly libraryId: string;
  /** The position of the library that it shows. */
  seq = 0;
  /** Without the vector, which stands beside those of the others. */
  readonly search: Omit<VectorSearch, "vector">;
  readonly filter: CompiledFilter | undefined;
  /** What was told last. */
  shown: readonly number[] = [];
  /** Whether the store is being asked, so that nothing is known until it answers. */
  asking = false;
  readonly #pool: ChunkPool;
  #list: RankedList;
  #exact = false;

  constructor({ id, libraryId, search, pool }: StandingQueryOptions) {
    this.id = id;
    this.libraryId = libraryId;
    const { k, maxDistance, filter, caller } = search;
    this.search = { k, maxDistance, filter, caller };
    this.filter = filter === undefined ? undefined : compile(filter);
    this.#pool = pool;
    this.#list = new RankedList(capacityOf(this.search));
  }

  /** Whether the list stands on a search that compared everything. */
  get exact(): boolean {
    return this.#exact;
  }

  /** What is farther than this does not change the list. */
  get bound(): number {
    return Math.min(this.#list.bound, greatestDistance(this.search.maxDistance));
  }

  /** Whether one of these stands in the list. */
  lists(keys: ReadonlySet<number>): boolean {
    return this.#list.keys.some((key) => keys.has(key));
  }

  /** Whether chunks are missing that only the store can tell. */
  get short(): boolean {
    return !this.#list.complete && this.#list.keys.length < this.search.k;
  }

  keys(): readonly number[] {
    return this.#list.keys.slice(0, this.search.k);
  }

  distances(): readonly number[] {
    return this.#list.distances.slice(0, this.search.k);
  }

  /** Takes what the store found. */
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

  /** What the list is to become, a change after the other, until `take`. Meanwhile it shows what it did. */
  draft(): DraftList {
    return new DraftList(this.#list.copy(), greatestDistance(this.search.maxDistance));
  }

  /**
   * The list becomes what was drafted.
   *
   * @param arrivals the chunks that came into it
   * @returns whether what is shown changes
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

  /** Forgets what it found. */
  clear(): void {
    for (const key of this.#list.keys) this.#pool.unlist(key);
    this.#list.replace([], [], true);
  }
}
