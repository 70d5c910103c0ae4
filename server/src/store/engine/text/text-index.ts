import type { DatabaseSync } from "node:sqlite";
import { integer, text } from "../rows/row-values.ts";
import { analyzerOf } from "./text-analyzer.ts";
import { greatestWeight, termShare } from "./bm25.ts";
import { postingOf, rangeOf } from "./postings.ts";
import { type Scored, Scores } from "./text-scores.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import type { TextLibrary } from "./text-table.ts";

/** Maximum number of terms per query; further ones are ignored. */
const maxTerms = 64;
/** Number of chunks of a library up to which those of a term are read at once. */
const readAtOnce = 8_192;
/** Chunks read at a time in a larger one. */
const pageSize = 4_096;

/** The terms of a query, with their weights. */
export type WeightedTerms = ReadonlyMap<string, number>;

export interface TextRanking {
  /** Best first; ties in insertion order. */
  readonly hits: readonly Scored[];
  /** Number of chunks with one of the terms, before filtering. */
  readonly matching: number;
  /** Those of all these chunks. */
  readonly scores: Scores;
}

/** The range of a term's tokens. */
type TokenRange = ReturnType<typeof rangeOf>;

/** A token, and the number and keys of its chunks. */
interface TokenChunks {
  readonly token: string;
  readonly found: number;
  readonly pages: () => Iterable<readonly number[]>;
}

/** A list that SQLite built from its own integers. */
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
    // One row per token rather than per chunk, as returning rows dominates the time.
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

  /** The terms of a query, all with the same weight. */
  terms(library: TextLibrary, query: string): WeightedTerms {
    return new Map([...analyzerOf(library.language).queryTerms(query)].map((term) => [term, 1]));
  }

  /**
   * The best `count` chunks that contain one of the terms and pass. Exact: every chunk with one of the terms is scored. Term
   * weights are computed from this library alone.
   */
  *search(
    library: TextLibrary,
    terms: WeightedTerms,
    count: number,
    passes?: (key: number) => boolean,
  ): Steps<TextRanking> {
    const scores = yield* this.#score(library, [...terms].slice(0, maxTerms));
    return { hits: yield* scores.highest(count, passes), matching: scores.size, scores };
  }

  /** Number of chunks of a library, and their average number of terms. */
  totals(library: TextLibrary): { readonly chunks: number; readonly meanLength: number } {
    const row = this.#totals.get(library.key);
    const chunks = row === undefined ? 0 : integer(row, "chunks");
    return { chunks, meanLength: row === undefined || chunks === 0 ? 1 : integer(row, "terms") / chunks };
  }

  /** Number of chunks that contain a term, counted up to `atMost + 1`. */
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

  /** The chunks of all tokens of a term, in a library of this many chunks. */
  #read(range: TokenRange, chunks: number): Steps<readonly TokenChunks[]> {
    return chunks <= readAtOnce ? this.#readAtOnce(range) : this.#readInPages(range);
  }

  /** The chunks of all tokens of a term, read in one step. */
  *#readAtOnce(range: TokenRange): Steps<readonly TokenChunks[]> {
    const tokens = this.#postings.all(...range).map((row) => {
      const keys = keysOf(text(row, "chunks"));
      return { token: text(row, "term"), found: keys.length, pages: () => [keys] };
    });
    yield;
    return tokens;
  }

  /** The same if there are many: counted first, and read a page at a time. */
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
