import type { FoundSearchHit, RankedHit, SearchHit } from "@arrwdb/protocol/search/search";
import { DecodedAnswer } from "../engine/search/answers/encoded-answer.ts";
import type {
  Choosing,
  LiveQueryHandle,
  LiveQueryListener,
  SearchAnswer,
  SearchPage,
  SearchStore,
  StoreSearch,
  VectorSearch,
  WholeHits,
} from "../search-store.ts";
import type { StoreThreads } from "./store-threads.ts";

/** Searches through the search thread, live queries through the live thread. */
export class EmbeddedSearchStore implements SearchStore {
  readonly #threads: StoreThreads;

  constructor(threads: StoreThreads) {
    this.#threads = threads;
  }

  search(libraryId: string, search: VectorSearch & WholeHits, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>>;
  search(libraryId: string, search: StoreSearch & WholeHits, signal?: AbortSignal): Promise<SearchAnswer<RankedHit>>;
  search(
    libraryId: string,
    search: VectorSearch & Choosing,
    signal?: AbortSignal,
  ): Promise<SearchAnswer<FoundSearchHit>>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer>;
  async search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>> {
    const answer = await this.#threads.expiry.read(libraryId, () =>
      this.#threads.searcher.call("search", { libraryId, search }, signal),
    );
    return new DecodedAnswer(answer);
  }

  async page(libraryId: string, { cursor, caller }: SearchPage, signal?: AbortSignal): Promise<SearchAnswer> {
    const answer = await this.#threads.expiry.read(libraryId, () =>
      this.#threads.searcher.call("searchPage", { libraryId, cursor, caller }, signal),
    );
    return new DecodedAnswer(answer);
  }

  watch(libraryId: string, search: VectorSearch, listener: LiveQueryListener): Promise<LiveQueryHandle> {
    return this.#threads.expiry.read(libraryId, async () => {
      const { refusal } = this.#threads;
      if (refusal !== undefined) throw refusal;
      return this.#threads.live.watch(libraryId, search, listener);
    });
  }
}
