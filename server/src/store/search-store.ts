import type { SearchExplanation } from "@arrwdb/protocol/search/explanation";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Like } from "@arrwdb/protocol/search/like";
import type { FacetField, Facets, FieldValue, GroupBy } from "@arrwdb/protocol/search/facets";
import type { Highlighting } from "@arrwdb/protocol/search/highlight";
import type { Include } from "@arrwdb/protocol/search/include";
import type { FoundHit, FoundSearchHit, RankedHit, SearchHit } from "@arrwdb/protocol/search/search";
import type { Settled } from "./settled-outcome.ts";

interface Searching {
  /** Maximum number of hits, 1 to 1,000. */
  readonly k: number;
  readonly filter?: Filter | undefined;
  /** Fields whose values are counted among all chunks that match. */
  readonly facets?: readonly FacetField[] | undefined;
  /** With it, the best `k` groups are found instead of the best `k` chunks; `k` times `hits` is at most 1,000. */
  readonly groupBy?: GroupBy | undefined;
  /** Which words of hits are marked. */
  readonly highlight?: Highlighting | undefined;
  /** Whether the result includes an explanation. */
  readonly explain?: boolean | undefined;
  /** Whether more than the first `k` hits are ranked, so that the others can be read with `page`; not with `groupBy`. */
  readonly pages?: boolean | undefined;
  /** The client, for fair queueing. Searches without one share a queue. */
  readonly caller?: string | undefined;
}

/** Search by vector: the nearest chunks. */
export interface VectorSearch extends Searching {
  readonly mode?: "vector" | undefined;
  /** Unit vector of the library's dimension. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** The library's model, if it has made the vector; undefined if the client has sent it. */
  readonly model?: string | undefined;
  /** Maximum distance of a hit, inclusive, with a tolerance of 2⁻²¹ for rounding of lengths. */
  readonly maxDistance?: number | undefined;
  /** Whether the result must be exact. */
  readonly exact?: boolean | undefined;
}

/**
 * Search by likeness: the nearest to the mean of the unit vectors of a document's chunks, or to the vector of a chunk. These
 * chunks are no hits.
 */
export interface LikeSearch extends Omit<VectorSearch, "mode" | "vector" | "model"> {
  readonly mode: "like";
  readonly like: Like;
}

/** Search by words: chunks that contain some of them, ranked by BM25. */
export interface TextSearch extends Searching {
  readonly mode: "text";
  readonly text: string;
}

/** Hybrid search: hits of either kind, ranked by the fused scores. */
export interface HybridSearch extends Omit<VectorSearch, "mode">, Omit<TextSearch, "mode"> {
  readonly mode: "hybrid";
  /** Weight of the vector score, from 0 to 1; the text score has the rest. */
  readonly vectorWeight: number;
}

/** Of a search whose hits may have chosen fields only. */
export interface Choosing {
  /** The fields that hits have besides those that identify them; all but the vector if absent. */
  readonly include?: Include | undefined;
}

/** Of a search whose hits have all their fields. */
export interface WholeHits {
  readonly include?: undefined;
}

export type StoreSearch = (VectorSearch | LikeSearch | TextSearch | HybridSearch) & Choosing;

/** A value of a field, null for chunks without one, and the best hits among the chunks that have it. */
export interface StoreGroup<Hit extends FoundHit = FoundHit> {
  readonly value: FieldValue | null;
  readonly results: readonly Hit[];
}

export interface StoreHits<Hit extends FoundHit = SearchHit> {
  /** Best first: nearest, or highest score. Ties are in insertion order. */
  readonly hits: readonly Hit[];
  /** Whether the hits are proven to be the nearest that pass the filter; otherwise they are approximate. */
  readonly exact: boolean;
  /** The library's position as of which the result was computed. */
  readonly seq: number;
  readonly groups?: readonly StoreGroup<Hit>[] | undefined;
  /** By field, if requested; always exact. */
  readonly facets?: Facets | undefined;
}

/** The result of a search. Hits are already serialized, for callers that forward them; `hits` parses them on access. */
export interface SearchAnswer<Hit extends FoundHit = FoundHit> extends StoreHits<Hit> {
  /** The hits as a JSON array. */
  readonly hitsJson: string;
  /** Number of hits. */
  readonly count: number;
  /** The groups as a JSON array, if requested, each with its value and its hits. */
  readonly groupsJson?: string | undefined;
  /** How the pages go on, if these were requested. */
  readonly pages?: FurtherPages | undefined;
  readonly explanation?: SearchExplanation | undefined;
}

/** What comes after one page of a search. */
export interface FurtherPages {
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
  /** Whether more chunks match than all pages have together. */
  readonly truncated: boolean;
}

/** The initial result of a live query, and how to end it. */
export interface LiveQueryHandle<Hit extends FoundSearchHit = SearchHit> {
  readonly first: StoreHits<Hit>;
  /** The listener is not called afterwards. */
  readonly end: () => void;
}

/**
 * Called with the complete current hits. An error, such as hits that exceed the size of one response, is the last call.
 * Must not throw.
 */
export type LiveQueryListener<Hit extends FoundSearchHit = SearchHit> = (update: Settled<StoreHits<Hit>>) => void;

/** One further page of a search. */
export interface SearchPage {
  readonly cursor: string;
  /** The client, for fair queueing. */
  readonly caller?: string | undefined;
}

/** One-off searches and live queries. */
export interface SearchStore {
  /**
   * Returns the best `k` chunks; fewer only if fewer pass the filter, lie within the distance and, for a search by words
   * alone, contain one of these. Sees every write that had resolved before the call.
   *
   * With `groupBy`, returns the best `k` groups; fewer only if chunks that match have fewer values. A group has the chunks with
   * one value of the field, or none; a chunk is in the group of each different element of an array. It has its best `hits`
   * chunks, fewer only if no more match, and groups are ordered by their best hits. The hits are those of all groups, each
   * once, best first. They are exact as `exact` says.
   *
   * `facets` count the values of fields among all chunks that match: those that pass the filter, lie within the distance
   * and, for a search by words alone, contain one of these. A chunk counts once for each different element of an array.
   *
   * Hits have the fields of `include`: of objects within, and within each object of a list, only what its names lead to.
   * `highlight` adds the parts of texts that have words of its query.
   *
   * @param signal aborts the search, waiting or running, with its reason
   * @throws ArrwError `embedding_model_changed` if the vector's `model` is no longer the library's; `dimension_mismatch`
   * @throws ArrwError `document_not_found`, `chunk_not_found` of a search by likeness, and `validation_failed` if the mean of
   *   its document's vectors has no direction
   */
  search(libraryId: string, search: VectorSearch & WholeHits, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>>;
  search(libraryId: string, search: StoreSearch & WholeHits, signal?: AbortSignal): Promise<SearchAnswer<RankedHit>>;
  search(
    libraryId: string,
    search: VectorSearch & Choosing,
    signal?: AbortSignal,
  ): Promise<SearchAnswer<FoundSearchHit>>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer>;

  /**
   * The next page of a search with `pages`, of as many hits. All pages are of one ranking at one position, whatever is written
   * meanwhile: together they have the hits that one search for as many would have had, in its order, up to a maximum that
   * `truncated` tells of. The exception are documents that have expired meanwhile, which no page shows: later hits move up, and
   * their ranks are missing. The same cursor gives the same page again.
   *
   * A ranking is kept for a limited time, and others of the same caller may take its place.
   *
   * @throws ArrwError `invalid_cursor` if no search of this library returned it; `cursor_expired` if the ranking is not kept
   *   any more; `library_not_found`
   */
  page(libraryId: string, page: SearchPage, signal?: AbortSignal): Promise<SearchAnswer>;

  /**
   * Starts a live query: its hits now, and again after commits that changed them. `first` is a result as `search` returns
   * it at `first.seq`; then the listener is called with the complete hits at increasing positions. Commits may be skipped,
   * as only the newest state matters, but never the last one that changed the hits. If the library is searched exactly, the
   * hits always equal those of `search` at their position. Otherwise the hits of `first` may lack chunks that the library
   * already had, like those of `search`; every later change is compared exactly, and if deletions leave fewer than `k`
   * hits, all chunks are compared.
   *
   * Counts, groups and marks nothing, and has whole hits: `facets`, `groupBy` and `highlight` are ignored.
   *
   * The listener is not called before `watch` has resolved, after `end()`, after the library was deleted, or after the
   * store was closed.
   *
   * The listener's last call may have the error `recovering`, where a node of several had to read the library anew; another live
   * query begins where it is then.
   *
   * @throws ArrwError as `search`, and `overloaded` if too many live queries are open
   */
  watch(libraryId: string, search: VectorSearch, listener: LiveQueryListener): Promise<LiveQueryHandle>;
}
