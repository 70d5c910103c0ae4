import type { FurtherPages, StoreSearch } from "../../../search-store.ts";
import type { FoundChunk } from "../answers/hit-serializer.ts";
import type { SearchReader } from "../search-reader.ts";
import type { KeptRankings } from "./kept-rankings.ts";
import { pagesFrom } from "./page-reader.ts";
import { RankedHits } from "./ranked-hits.ts";

/** The hits of a search, without their contents. */
interface Found {
  readonly seq: number;
  readonly exact: boolean;
  readonly chosen: readonly FoundChunk[];
}

/** What follows the first page of searches with one reader. */
export class FirstPages {
  readonly #most: number;
  readonly #reader: SearchReader;
  readonly #rankings: KeptRankings;

  /** @param most maximum number of hits on all pages */
  constructor(reader: SearchReader, rankings: KeptRankings, most: number) {
    this.#reader = reader;
    this.#rankings = rankings;
    this.#most = most;
  }

  /** Maximum number of hits on all pages of a search. */
  most({ k }: StoreSearch): number {
    return Math.max(k, this.#most);
  }

  /** Keeps all hits of a search whose first page was written, and the reader's snapshot, if there are more pages. */
  keep(libraryId: string, search: StoreSearch, { seq, exact, chosen }: Found): FurtherPages {
    const most = this.most(search);
    const truncated = chosen.length > most;
    const all = chosen.slice(0, most);
    if (all.length <= search.k) return { nextCursor: null, truncated };
    const hits = new RankedHits(all);
    const ranking = { libraryId, caller: search.caller, search, hits, truncated, exact, seq };
    return pagesFrom(this.#rankings.keep(this.#reader, ranking), search.k);
  }
}
