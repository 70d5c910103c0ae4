import type { HybridSearch, TextSearch } from "../../search-store.ts";
import { expand } from "../text/relevance-feedback.ts";
import type { TextIndex, WeightedTerms } from "../text/text-index.ts";
import type { TextLibrary } from "../text/text-table.ts";
import { greatestDistance } from "../vectors/cosine-distance.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { FilterCheck } from "./filter-check.ts";
import { fuse, type Rated } from "./score-fusion.ts";
import type { FoundChunk } from "./hits-table.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import type { Ranking } from "./rankings.ts";
import type { Searcher, SearchTables } from "./searcher.ts";
import type { IndexKind } from "@arrwdb/protocol/model";

/** Members of each list that are fused, at least. */
const depth = 200;
/** Chunks that are taken for relevant when a query is expanded. */
const feedbackChunks = 5;

/** What a search by words found, and by which. */
export interface RankedText {
  readonly seq: number;
  readonly chosen: readonly FoundChunk[];
  readonly exact: boolean;
  /** How the vector's half was answered, by which index, unless it was the disk. */
  readonly vector: Ranking | undefined;
  readonly index: IndexKind | null;
  /** Chunks of the library. */
  readonly size: number;
  /** Of the index, as in `Rankings`. */
  readonly effort: number | null;
  readonly walkable: boolean | null;
  readonly terms: readonly string[];
  readonly added: readonly string[];
  /** Chunks that have one of the terms, whether they pass the filter or not. */
  readonly matching: number;
}

export interface TextSearchTables extends SearchTables {
  readonly texts: TextIndex;
}

/** Answers searches by words, and by words and vectors together. */
export class TextSearcher {
  readonly #tables: TextSearchTables;
  readonly #searcher: Searcher;

  constructor(tables: TextSearchTables, searcher: Searcher) {
    this.#tables = tables;
    this.#searcher = searcher;
  }

  *search(libraryId: string, { text, k, filter }: TextSearch): Steps<RankedText> {
    const row = this.#tables.libraries.find(libraryId);
    const library = toTextLibrary(row);
    const terms = this.#tables.texts.terms(library, text);
    const check = this.#searcher.fullCheck(row, filter);
    const { hits, matching } = yield* this.#tables.texts.search(library, terms, k, passesOf(check));
    const chosen = hits.map(({ key, score }) => ({ key, distance: null, score }));
    const words = { terms: [...terms.keys()], added: [], matching };
    const { seq, num_chunks: size } = row.library;
    return { seq, chosen, exact: true, vector: undefined, index: null, size, effort: null, walkable: null, ...words };
  }

  /**
   * The nearest by vector and the best by words are fused; the first of these say which words the query lacks; what is
   * best by all of these words and the nearest are fused again, which gives the answer.
   */
  *searchBoth(libraryId: string, search: HybridSearch): Steps<RankedText> {
    const row = this.#tables.libraries.find(libraryId);
    const library = toTextLibrary(row);
    const count = Math.max(depth, search.k);
    this.#searcher.fullCheck(row, search.filter);
    const { near, vector, ...found } = yield* this.#nearest(libraryId, search, count);
    const { check } = vector;
    const distances = new Map(near.map(({ key, distance }) => [key, distance]));
    const byVector = near.map(({ key, distance }) => ({ key, value: 1 - distance }));
    const terms = this.#tables.texts.terms(library, search.text);
    const asked = yield* this.#byWords(library, terms, count, check);
    // Where no word of the query is found, words that only the nearest have say nothing of what was asked.
    const expanded =
      asked.list.length === 0 ? terms : yield* this.#expand(library, terms, this.#fuse(search, byVector, asked));
    const byWords = expanded === terms ? asked : yield* this.#byWords(library, expanded, count, check);
    const greatest = greatestDistance(search.maxDistance);
    const chosen: FoundChunk[] = [];
    for (const { key, value } of this.#fuse(search, byVector, byWords)) {
      if (chosen.length >= search.k) break;
      const distance = distances.get(key) ?? this.#searcher.distance(search.vector, key);
      if (distance === undefined || distance > greatest) continue;
      chosen.push({ key, distance, score: value });
    }
    const added = [...expanded.keys()].filter((term) => !terms.has(term));
    const words = { terms: [...terms.keys()], added, matching: byWords.matching };
    return { ...found, chosen, exact: vector.exact, vector, ...words };
  }

  *#nearest(libraryId: string, { vector, filter, maxDistance, exact }: HybridSearch, k: number): Steps<NearChunk> {
    const { answers, ...found } = yield* this.#searcher.rankInSteps(libraryId, [
      { vector, filter, maxDistance, exact, k },
    ]);
    const [ranking] = answers;
    if (ranking === undefined) throw new Error("One search had no answer");
    return { ...found, vector: ranking, near: ranking.chosen };
  }

  *#byWords(library: TextLibrary, terms: WeightedTerms, count: number, check: FilterCheck): Steps<WordList> {
    const { hits, matching } = yield* this.#tables.texts.search(library, terms, count, passesOf(check));
    const list = hits.map(({ key, score }) => ({ key, value: score }));
    // Where the list names every chunk with one of the terms, those that it does not name have a score too: none.
    return { list, floor: list.length < count ? 0 : undefined, matching };
  }

  #fuse({ vectorWeight }: HybridSearch, byVector: readonly Rated[], { list, floor }: WordList): readonly Rated[] {
    return fuse([
      { list, floor, weight: 1 - vectorWeight },
      { list: byVector, weight: vectorWeight },
    ]);
  }

  *#expand(library: TextLibrary, terms: WeightedTerms, first: readonly Rated[]): Steps<WeightedTerms> {
    const best = first.slice(0, feedbackChunks).flatMap(({ key, value }) => {
      const chunk = this.#tables.chunks.find(key);
      return chunk === undefined || value <= 0 ? [] : [{ text: `${chunk.source.title} ${chunk.text}`, weight: value }];
    });
    return yield* expand(this.#tables.texts, library, terms, best);
  }
}

interface NearChunk extends Pick<RankedText, "seq" | "index" | "size" | "effort" | "walkable"> {
  readonly vector: Ranking;
  readonly near: Ranking["chosen"];
}

interface WordList {
  readonly list: readonly Rated[];
  readonly floor: number | undefined;
  readonly matching: number;
}

const toTextLibrary = ({ key, library }: LibraryRow): TextLibrary => ({ key, language: library.language });

const passesOf = (check: FilterCheck) => (check.filter === undefined ? undefined : (key: number) => check.passes(key));
