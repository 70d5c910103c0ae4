import type { SearchHit } from "@arrwdb/protocol/search/search";
import type {
  LiveQueryHandle,
  LiveQueryListener,
  SearchAnswer,
  SearchPage,
  SearchStore,
  StoreSearch,
  VectorSearch,
} from "../search-store.ts";
import type { LibraryReads } from "./library-reads.ts";

/** Searches of the replica, as of a position that every acknowledged write has. */
export class PostgresSearchStore implements SearchStore {
  readonly #reads: LibraryReads;

  constructor(reads: LibraryReads) {
    this.#reads = reads;
  }

  search(libraryId: string, search: VectorSearch, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer> {
    return this.#reads.read(libraryId, ({ searches }) => searches.search(libraryId, search, signal));
  }

  page(libraryId: string, page: SearchPage, signal?: AbortSignal): Promise<SearchAnswer> {
    return this.#reads.read(libraryId, ({ searches }) => searches.page(libraryId, page, signal));
  }

  watch(libraryId: string, search: VectorSearch, listener: LiveQueryListener): Promise<LiveQueryHandle> {
    return this.#reads.read(libraryId, ({ searches }) => searches.watch(libraryId, search, listener));
  }
}
