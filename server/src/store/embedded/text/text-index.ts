import type { DatabaseSync } from "node:sqlite";
import { integer, text } from "../rows.ts";
import { analyzerOf } from "./analyzer.ts";
import { greatestWeight, termShare } from "./bm25.ts";
import { postingOf, rangeOf } from "./postings.ts";
import { type Scored, Scores } from "./scores.ts";
import type { TextLibrary } from "./text-table.ts";

/** Terms of one query that are looked for; further ones are passed over. */
const maxTerms = 64;
/** So many times more chunks than are wanted are tried against a filter at first; when too few pass, all are. */
const tried = 4;

/** The terms to look for, each with how much it counts. */
export type WeightedTerms = ReadonlyMap<string, number>;

export interface TextRanking {
  /** Best first; equally good in the order in which they were added. */
  readonly hits: readonly Scored[];
  /** Chunks with one of the terms, whether they pass or not. */
  readonly matching: number;
}

/** A list that SQLite made of its own integers. */
function keysOf(json: string): readonly number[] {
  const keys: readonly number[] = JSON.parse(json);
  return keys;
}

/** Finds chunks by their words. Needs a connection that sees all of a change, or nothing. */
export class TextIndex {
  readonly #totals;
  readonly #postings;
  readonly #frequency;

  constructor(database: DatabaseSync) {
    this.#totals = database.prepare("SELECT chunks, terms FROM text_totals WHERE library = ?");
    // One row for each token rather than for each chunk, as handing over rows is what takes the time.
    this.#postings = database.prepare(
      "SELECT term, json_group_array(doc) AS chunks FROM posting_terms WHERE term >= ? AND term < ? GROUP BY term",
    );
    this.#frequency = database.prepare(
      "SELECT count(*) AS chunks FROM (SELECT 1 FROM posting_terms WHERE term >= ? AND term < ? LIMIT ?)",
    );
  }

  /** The terms of a query, all of which count the same. */
  terms(library: TextLibrary, query: string): WeightedTerms {
    return new Map([...analyzerOf(library.language).queryTerms(query)].map((term) => [term, 1]));
  }

  /**
   * The chunks with one of the terms that pass, at most `count`. Exact: every chunk with one of the terms is scored. What
   * a term weighs is counted in this library alone.
   */
  search(library: TextLibrary, terms: WeightedTerms, count: number, passes?: (key: number) => boolean): TextRanking {
    const scores = this.#score(library, [...terms].slice(0, maxTerms));
    return { hits: best(scores, count, passes), matching: scores.size };
  }

  /** The chunks of a library, and the terms that one of them has on average. */
  totals(library: TextLibrary): { readonly chunks: number; readonly meanLength: number } {
    const row = this.#totals.get(library.key);
    const chunks = row === undefined ? 0 : integer(row, "chunks");
    return { chunks, meanLength: row === undefined || chunks === 0 ? 1 : integer(row, "terms") / chunks };
  }

  /** How many chunks have a term, counted to `atMost` and one more. */
  frequency(library: TextLibrary, term: string, atMost: number): number {
    return Number(this.#frequency.get(...rangeOf(library.key, term), atMost + 1)?.["chunks"] ?? 0);
  }

  #score(library: TextLibrary, terms: readonly (readonly [string, number])[]): Scores {
    const scores = new Scores();
    const { chunks, meanLength } = this.totals(library);
    for (const [term, counts] of terms) {
      const postings = this.#postings
        .all(...rangeOf(library.key, term))
        .map((row) => ({ ...postingOf(text(row, "term")), keys: keysOf(text(row, "chunks")) }));
      const found = postings.reduce((sum, { keys }) => sum + keys.length, 0);
      const weight = counts * greatestWeight(chunks, found);
      for (const { frequency, length, keys } of postings) {
        scores.add(keys, weight * termShare(frequency, length, meanLength));
      }
    }
    return scores;
  }
}

function best(scores: Scores, count: number, passes?: (key: number) => boolean): readonly Scored[] {
  if (passes === undefined) return scores.highest(count);
  const first = scores.highest(count * tried).filter(({ key }) => passes(key));
  if (first.length >= count || scores.size <= count * tried) return first.slice(0, count);
  return scores
    .highest(scores.size)
    .filter(({ key }) => passes(key))
    .slice(0, count);
}
