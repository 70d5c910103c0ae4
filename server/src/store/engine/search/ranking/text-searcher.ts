import type { HybridSearch, TextSearch } from "../../../search-store.ts";
import { expand } from "../../text/relevance-feedback.ts";
import type { TextIndex, WeightedTerms } from "../../text/text-index.ts";
import type { TextLibrary } from "../../text/text-table.ts";
import { greatestDistance } from "../../vectors/cosine-distance.ts";
import type { LibraryRow } from "../../rows/libraries-table.ts";
import type { Scores } from "../../text/text-scores.ts";
import type { FilterCheck } from "./filter-check.ts";
import { fuse, type Rated } from "./score-fusion.ts";
import type { FoundChunk } from "../answers/hit-serializer.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { Ranking } from "./rankings.ts";
import type { Searcher, SearchTables } from "./searcher.ts";
import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";

/** Minimum number of members per fused list. */
const depth = 200;
/** Chunks found by words alone whose distance is computed per step. */
const measuredAtOnce = 128;
/** Number of chunks assumed relevant for query expansion. */
const feedbackChunks = 5;

/** The result of a search by words, and how it was computed. */
export interface RankedText {
  readonly seq: number;
  readonly chosen: readonly FoundChunk[];
  readonly exact: boolean;
  /** How the vector part was answered, and by which index; null if the disk was read. */
  readonly vector: Ranking | undefined;
  readonly index: IndexKind | null;
  /** Number of chunks of the library. */
  readonly size: number;
  /** Properties of the index, as in `Rankings`. */
  readonly effort: number | null;
  readonly walkable: boolean | null;
  readonly terms: readonly string[];
  readonly added: readonly string[];
  /** Number of chunks with at least one of the terms, before filtering. */
  readonly matching: number;
  /** Of a search by words alone: the scores of all chunks with one of the terms. */
  readonly scores?: Scores | undefined;
}

export interface TextSearchTables extends SearchTables {
  readonly texts: TextIndex;
}

/** Text and hybrid searches. */
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
    const { hits, matching, scores } = yield* this.#tables.texts.search(library, terms, k, passesOf(check));
    const chosen = hits.map(({ key, score }) => ({ key, distance: null, score }));
    const words = { terms: [...terms.keys()], added: [], matching };
    const { seq, num_chunks: size } = row.library;
    const noVector = { vector: undefined, index: null, effort: null, walkable: null };
    return { seq, chosen, exact: true, size, ...noVector, ...words, scores };
  }

  /**
   * Fuses the nearest by vector with the best by words, expands the query with terms of the first results (pseudo-relevance
   * feedback), and fuses the nearest with the best for the expanded query.
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
    // If no word of the query occurs, terms of the nearest chunks would say nothing about the query.
    const expanded =
      asked.list.length === 0 ? terms : yield* this.#expand(library, terms, yield* this.#fuse(search, byVector, asked));
    const byWords = expanded === terms ? asked : yield* this.#byWords(library, expanded, count, check);
    const greatest = greatestDistance(search.maxDistance);
    const chosen: FoundChunk[] = [];
    let measured = 0;
    for (const { key, value } of yield* this.#fuse(search, byVector, byWords)) {
      if (chosen.length >= search.k) break;
      const known = distances.get(key);
      if (known === undefined && ++measured % measuredAtOnce === 0) yield;
      const distance = known ?? this.#searcher.distance(row, search.vector, key);
      if (distance === undefined || distance > greatest) continue;
      chosen.push({ key, distance, score: value });
    }
    const added = [...expanded.keys()].filter((term) => !terms.has(term));
    const words = { terms: [...terms.keys()], added, matching: byWords.matching };
    return { ...found, chosen, exact: vector.exact, vector, ...words };
  }

  *#nearest(
    libraryId: string,
    { vector, model, filter, maxDistance, exact }: HybridSearch,
    k: number,
  ): Steps<NearChunk> {
    const { answers, ...found } = yield* this.#searcher.rankInSteps(libraryId, [
      { vector, model, filter, maxDistance, exact, k },
    ]);
    const [ranking] = answers;
    if (ranking === undefined) throw new Error("One search had no answer");
    return { ...found, vector: ranking, near: ranking.chosen };
  }

  *#byWords(library: TextLibrary, terms: WeightedTerms, count: number, check: FilterCheck): Steps<WordList> {
    const { hits, matching } = yield* this.#tables.texts.search(library, terms, count, passesOf(check));
    const list = hits.map(({ key, score }) => ({ key, value: score }));
    // If the list is complete, chunks that it does not contain have score 0.
    return { list, floor: list.length < count ? 0 : undefined, matching };
  }

  #fuse(
    { vectorWeight }: HybridSearch,
    byVector: readonly Rated[],
    { list, floor }: WordList,
  ): Steps<readonly Rated[]> {
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
