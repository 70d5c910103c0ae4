import type { Facets, FieldValue } from "@arrwdb/protocol/search/facets";
import type { SearchExplanation } from "@arrwdb/protocol/search/explanation";
import type { FoundHit, SearchResponse } from "@arrwdb/protocol/search/search";
import type { SearchAnswer } from "../../store/search-store.ts";

/** A response to a search with these hits. */
export interface ResponseWith<Hit extends FoundHit> extends Omit<SearchResponse, "results" | "groups"> {
  readonly results: Hit[];
  readonly groups?: { value: FieldValue | null; results: Hit[] }[] | undefined;
}

/** A search result for clients. The hits remain JSON text until they are accessed. */
export class FoundResponse<Hit extends FoundHit = FoundHit> implements ResponseWith<Hit> {
  readonly total: number;
  readonly seq: number;
  readonly took_ms: number;
  readonly exact: boolean;
  readonly next_cursor: string | null | undefined;
  readonly truncated: boolean | undefined;
  readonly facets: Facets | undefined;
  readonly explanation: SearchExplanation | undefined;
  readonly #found: SearchAnswer<Hit>;

  /** @param milliseconds that the search took. */
  constructor(found: SearchAnswer<Hit>, milliseconds: number) {
    this.total = found.count;
    this.seq = found.seq;
    this.took_ms = Math.round(milliseconds * 1000) / 1000;
    this.exact = found.exact;
    this.next_cursor = found.pages?.nextCursor;
    this.truncated = found.pages?.truncated;
    this.facets = found.facets;
    this.explanation = found.explanation;
    this.#found = found;
  }

  /** A new array each time. */
  get results(): Hit[] {
    return [...this.#found.hits];
  }

  /** As `results`; undefined if the hits are not grouped. */
  get groups(): { value: FieldValue | null; results: Hit[] }[] | undefined {
    return this.#found.groups?.map(({ value, results }) => ({ value, results: [...results] }));
  }
}
