import { type CompiledFilter, compile } from "@arrwdb/protocol/filter";
import type { VectorSearch } from "../../store.ts";
import type { ChunkRow } from "../chunks-table.ts";
import { greatestDistance } from "../cosine-distance.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { Answer } from "./messages.ts";
import { RankedList } from "./ranked-list.ts";

/** What is asked for beyond k: as many deletions pass before the library has to be searched again. */
const leastSlack = 8;
const mostSlack = 128;

export const capacityOf = ({ k }: Pick<VectorSearch, "k">): number => k + Math.min(Math.max(leastSlack, k), mostSlack);

/** One standing search: the chunks that it would find, and some behind them. */
export class StandingQuery {
  readonly id: number;
  readonly libraryId: string;
  /** Without the vector, which stands beside those of the others. */
  readonly search: Omit<VectorSearch, "vector">;
  readonly filter: CompiledFilter | undefined;
  /** What was told last. */
  shown: readonly number[] = [];
  /** Whether the store is being asked, so that nothing is known until it answers. */
  asking = false;
  readonly #pool: ChunkPool;
  readonly #list: RankedList;
  #exact = false;

  constructor(id: number, libraryId: string, { k, maxDistance, filter }: VectorSearch, pool: ChunkPool) {
    this.id = id;
    this.libraryId = libraryId;
    this.search = { k, maxDistance, filter };
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
  fill({ keys, distances, complete, exact }: Answer, chunks: ReadonlyMap<number, ChunkRow>): void {
    this.clear();
    for (const key of keys) {
      const chunk = chunks.get(key);
      if (chunk === undefined) throw new Error(`An answer names chunk ${key} and does not bring it`);
      this.#pool.list(chunk);
    }
    this.#list.replace(keys, distances, complete);
    this.#exact = exact;
    this.asking = false;
  }

  /** A chunk that passes has come; tells whether what is shown changes. */
  add(chunk: ChunkRow, distance: number): boolean {
    const place = this.#list.add({ key: chunk.key, distance });
    if (place === undefined) return false;
    this.#pool.list(chunk);
    const dropped = this.#list.trim();
    if (dropped !== undefined) this.#pool.unlist(dropped);
    return place < this.search.k;
  }

  /** Chunks are gone; tells whether what is shown changes. */
  remove(gone: ReadonlySet<number>): boolean {
    const { place, keys } = this.#list.remove(gone);
    for (const key of keys) this.#pool.unlist(key);
    return place < this.search.k;
  }

  /** Forgets what it found. */
  clear(): void {
    for (const key of this.#list.keys) this.#pool.unlist(key);
    this.#list.replace([], [], true);
  }
}
