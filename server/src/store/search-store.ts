import type { SearchExplanation } from "@arrwdb/protocol/explanation";
import type { Filter } from "@arrwdb/protocol/filter";
import type { RankedHit, SearchHit } from "@arrwdb/protocol/search";
import type { Settled } from "./settled.ts";

interface Searching {
  /** 1 to 1,000 hits at most. */
  readonly k: number;
  readonly filter?: Filter | undefined;
  /** Whether the answer should tell how it was found. */
  readonly explain?: boolean | undefined;
  /** Who asks. Where searches wait, callers take turns; those without one share one. */
  readonly caller?: string | undefined;
}

/** By the direction of a vector: the nearest chunks. */
export interface VectorSearch extends Searching {
  readonly mode?: "vector" | undefined;
  /** Of the library's dimension, at length 1. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** The greatest distance of a hit, itself included; up to 2⁻²¹ beyond it counts too, as lengths are 1 but for rounding. */
  readonly maxDistance?: number | undefined;
  /** Whether an estimate will not do. */
  readonly exact?: boolean | undefined;
}

/** By words: the chunks that hold some of them, those that say most about them first (BM25). */
export interface TextSearch extends Searching {
  readonly mode: "text";
  readonly text: string;
}

/** By both: hits are those of either, ordered by what both say. */
export interface HybridSearch extends Omit<VectorSearch, "mode">, Omit<TextSearch, "mode"> {
  readonly mode: "hybrid";
  /** How much of a hit's score its vector gives, from 0 to 1; its words give the rest. */
  readonly vectorWeight: number;
}

export type StoreSearch = VectorSearch | TextSearch | HybridSearch;

export interface StoreHits<Hit extends RankedHit = SearchHit> {
  /** The best first: nearest, or of the highest score. Equal ones in the order in which the chunks were added. */
  readonly hits: readonly Hit[];
  /** Whether no other chunk that passes the filter can be nearer; otherwise the hits are an approximation. */
  readonly exact: boolean;
  /** The library's position that the answer shows. */
  readonly seq: number;
}

/** The answer to one search. Its hits are text already, for whoever sends them on; `hits` reads that when it is looked at. */
export interface SearchAnswer<Hit extends RankedHit = RankedHit> extends StoreHits<Hit> {
  /** The hits as a JSON array. */
  readonly hitsJson: string;
  /** How many they are. */
  readonly count: number;
  readonly explanation?: SearchExplanation | undefined;
}

/** What a live query begins with, and how to end it. */
export interface LiveQueryHandle {
  readonly first: StoreHits;
  /** No call of the listener follows. */
  readonly end: () => void;
}

/**
 * Is told the whole hits as they are now. An error, such as hits that became more than one answer may hold, is the last
 * call. Must not throw.
 */
export type LiveQueryListener = (update: Settled<StoreHits>) => void;

/** Searches, once or live. */
export interface SearchStore {
  /**
   * The best chunks, never fewer than `k` while so many pass the filter, lie within the distance, and, if the search is
   * by words alone, hold one of these. Sees every write that had resolved when the search was asked for.
   *
   * @param signal ends the wait with its reason, and the search, however far it has come.
   */
  search(libraryId: string, search: VectorSearch, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer>;

  /**
   * A live query: its hits now, and again after commits that changed them. `first` is an answer as `search` gives it at
   * `first.seq`; then the listener is called with the whole hits at growing positions. Commits may be skipped, as only the
   * newest state counts, but never the last one that changed the hits. If the library is searched exactly, the hits always
   * are what `search` would answer at their position. If it is not, the hits of `first` may lack chunks that the library
   * had already, as those of `search` may; every later change is compared exactly, and if deletions leave fewer than `k`,
   * all chunks are.
   *
   * No call comes before `watch` has resolved, after `end()`, after the library was deleted, or when the store has closed.
   *
   * @throws ArrwError as `search`, and `overloaded` if as many live queries are open as may be.
   */
  watch(libraryId: string, search: VectorSearch, listener: LiveQueryListener): Promise<LiveQueryHandle>;
}
