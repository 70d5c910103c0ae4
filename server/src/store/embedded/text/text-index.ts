import type { DatabaseSync } from "node:sqlite";
import { type Candidate, Nearest } from "../nearest.ts";
import { integer, text } from "../rows.ts";
import { analyzerOf } from "./analyzer.ts";
import { greatestWeight, termShare } from "./bm25.ts";
import { postingOf, rangeOf } from "./postings.ts";
import type { TextLibrary } from "./text-table.ts";

/** Terms of one query that are looked for; further ones are passed over. */
const maxTerms = 64;
/** Chunks that are tried against a filter at first; when too few pass, all are. */
const tried = 4;

/** A chunk by its key, with its BM25 score. */
export interface TextHit {
  readonly key: number;
  readonly score: number;
}

export interface TextRanking {
  /** Best first; equally good in the order in which they were added. */
  readonly hits: readonly TextHit[];
  /** Every chunk that has one of the terms, by its key, whether it passes or not. */
  readonly scores: ReadonlyMap<number, number>;
  /** The score that no chunk can reach: that of one which says nothing else than every term of the query, and often. */
  readonly bound: number;
}

/** A list that SQLite made of its own integers. */
function keysOf(json: string): readonly number[] {
  const keys: readonly number[] = JSON.parse(json);
  return keys;
}

/** Finds chunks by their words. Needs a view of the database that shows all of a change, or nothing. */
export class TextIndex {
  readonly #totals;
  readonly #postings;

  constructor(database: DatabaseSync) {
    this.#totals = database.prepare("SELECT chunks, terms FROM text_totals WHERE library = ?");
    // One row for each token rather than for each chunk: reading rows is what takes the time.
    this.#postings = database.prepare(
      "SELECT term, json_group_array(doc) AS chunks FROM posting_terms WHERE term >= ? AND term < ? GROUP BY term",
    );
  }

  /**
   * The chunks with one of the query's terms that pass, at most `count`. Exact: every chunk with one of the terms is
   * scored. What a term weighs is counted in this library alone.
   */
  search(library: TextLibrary, query: string, count: number, passes?: (key: number) => boolean): TextRanking {
    const terms = [...analyzerOf(library.language).queryTerms(query)].slice(0, maxTerms);
    const { scores, bound } = this.#score(library.key, terms);
    return { hits: best(scores, count, passes), scores, bound };
  }

  #score(library: number, terms: readonly string[]): Pick<TextRanking, "scores" | "bound"> {
    const scores = new Map<number, number>();
    const totals = this.#totals.get(library);
    if (totals === undefined) return { scores, bound: 0 };
    const chunks = integer(totals, "chunks");
    const meanLength = integer(totals, "terms") / chunks;
    let bound = 0;
    for (const term of terms) {
      const postings = this.#postings.all(...rangeOf(library, term)).map((row) => ({
        ...postingOf(text(row, "term")),
        keys: keysOf(text(row, "chunks")),
      }));
      const found = postings.reduce((sum, { keys }) => sum + keys.length, 0);
      const weight = greatestWeight(chunks, found);
      bound += weight;
      for (const { frequency, length, keys } of postings) {
        const score = weight * termShare(frequency, length, meanLength);
        for (const key of keys) scores.set(key, (scores.get(key) ?? 0) + score);
      }
    }
    return { scores, bound };
  }
}

function best(
  scores: ReadonlyMap<number, number>,
  count: number,
  passes?: (key: number) => boolean,
): readonly TextHit[] {
  const first = take(scores, passes === undefined ? count : count * tried);
  const passing = passes === undefined ? first : first.filter(({ key }) => passes(key));
  if (passing.length >= count || first.length === scores.size) return passing.slice(0, count);
  const others = take(scores, scores.size).slice(first.length);
  const hits = [...passing];
  for (const hit of others) {
    if (hits.length === count) break;
    if (passes?.(hit.key) !== false) hits.push(hit);
  }
  return hits;
}

/** The best of all, in order. */
function take(scores: ReadonlyMap<number, number>, count: number): readonly TextHit[] {
  const nearest = new Nearest(count);
  for (const [key, score] of scores) if (-score <= nearest.bound) nearest.add({ key, distance: -score });
  return nearest.sorted().map(({ key, distance }: Candidate) => ({ key, score: -distance }));
}
