import type { DatabaseSync } from "node:sqlite";
import { integer, text } from "../rows/row-values.ts";
import { analyzerOf } from "./text-analyzer.ts";
import { greatestWeight, termShare } from "./bm25.ts";
import { postingOf, rangeOf } from "./postings.ts";
import { type Scored, Scores } from "./text-scores.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import type { TextLibrary } from "./text-table.ts";

/** Terms of one query that are looked for; further ones are passed over. */
const maxTerms = 64;
/** Chunks of a library up to which those of a term are read at once. */
const readAtOnce = 8_192;
/** Chunks that are read at a time in a larger one. */
const pageSize = 4_096;

/** The terms to look for, each with how much it counts. */
export type WeightedTerms = ReadonlyMap<string, number>;

export interface TextRanking {
  /** Best first; equally good in the order in which they were added. */
  readonly hits: readonly Scored[];
  /** Chunks with one of the terms, whether they pass or not. */
  readonly matching: number;
}

/** Where the tokens of a term stand. */
type TokenRange = ReturnType<typeof rangeOf>;

/** A token, in how many chunks it stands, and which these are. */
interface TokenChunks {
  readonly token: string;
  readonly found: number;
  readonly pages: () => Iterable<readonly number[]>;
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
  readonly #counts;
  readonly #page;
  readonly #frequency;

  constructor(database: DatabaseSync) {
    this.#totals = database.prepare("SELECT chunks, terms FROM text_totals WHERE library = ?");
    // One row for each token rather than for each chunk, as handing over rows is what takes the time.
    this.#postings = database.prepare(
      "SELECT term, json_group_array(doc) AS chunks FROM posting_terms WHERE term >= ? AND term < ? GROUP BY term",
    );
    this.#counts = database.prepare("SELECT term, doc AS chunks FROM posting_counts WHERE term >= ? AND term < ?");
    this.#page = database.prepare(
      `SELECT json_group_array(key) AS chunks
       FROM (SELECT rowid AS key FROM postings WHERE postings MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?)`,
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
  *search(
    library: TextLibrary,
    terms: WeightedTerms,
    count: number,
    passes?: (key: number) => boolean,
  ): Steps<TextRanking> {
    const scores = yield* this.#score(library, [...terms].slice(0, maxTerms));
    return { hits: yield* scores.highest(count, passes), matching: scores.size };
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

  *#score(library: TextLibrary, terms: readonly (readonly [string, number])[]): Steps<Scores> {
    const scores = new Scores();
    const { chunks, meanLength } = this.totals(library);
    for (const [term, counts] of terms) {
      const tokens = yield* this.#read(rangeOf(library.key, term), chunks);
      const weight =
        counts *
        greatestWeight(
          chunks,
          tokens.reduce((sum, { found }) => sum + found, 0),
        );
      for (const { token, pages } of tokens) {
        const { frequency, length } = postingOf(token);
        const score = weight * termShare(frequency, length, meanLength);
        for (const keys of pages()) {
          scores.add(keys, score);
          yield;
        }
      }
    }
    return scores;
  }

  /** The chunks of all tokens of a term, in a library of so many chunks. */
  #read(range: TokenRange, chunks: number): Steps<readonly TokenChunks[]> {
    return chunks <= readAtOnce ? this.#readAtOnce(range) : this.#readInPages(range);
  }

  /** The chunks of all tokens of a term, as they are. */
  *#readAtOnce(range: TokenRange): Steps<readonly TokenChunks[]> {
    const tokens = this.#postings.all(...range).map((row) => {
      const keys = keysOf(text(row, "chunks"));
      return { token: text(row, "term"), found: keys.length, pages: () => [keys] };
    });
    yield;
    return tokens;
  }

  /** The same where they are many: counted first, and read a page at a time. */
  *#readInPages(range: TokenRange): Steps<readonly TokenChunks[]> {
    const tokens: TokenChunks[] = [];
    for (const row of this.#counts.iterate(...range)) {
      const token = text(row, "term");
      tokens.push({ token, found: integer(row, "chunks"), pages: () => this.#pages(token) });
      yield;
    }
    return tokens;
  }

  *#pages(token: string): Generator<readonly number[]> {
    for (let after = 0; ;) {
      const keys = keysOf(text(this.#page.get(`"${token}"`, after, pageSize) ?? {}, "chunks"));
      yield keys;
      if (keys.length < pageSize) return;
      after = keys.at(-1) ?? after;
    }
  }
}
