import type { DatabaseSync } from "node:sqlite";
import type { TextLanguage } from "@arrwdb/protocol/documents/model";
import { integer } from "../rows/row-values.ts";
import { analyzerOf } from "./text-analyzer.ts";
import { tokensOf } from "./postings.ts";

/** Maximum number of 4 KB pages written per step of a merge, which takes less than a millisecond without deletions. */
const mostPages = 4;
/** Milliseconds beyond which steps are made smaller: after many deletions, a page takes several. */
const longStep = 2;

/** The library that texts belong to. */
export interface TextLibrary {
  readonly key: number;
  readonly language: TextLanguage;
}

/**
 * Writes the terms of chunks, in the transaction that writes the chunks. The texts themselves are not stored again. The
 * terms of a chunk come from its document's title and its own text.
 */
export class TextTable {
  readonly #insert;
  readonly #remove;
  readonly #insertLength;
  readonly #removeLength;
  readonly #add;
  readonly #forget;
  readonly #some;
  readonly #merge;
  readonly #changes;
  /** Pages of the next step. */
  #pages = mostPages;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO postings (rowid, tokens) VALUES (?, ?)");
    this.#remove = database.prepare("DELETE FROM postings WHERE rowid = ?");
    this.#insertLength = database.prepare("INSERT INTO text_lengths (library, chunk, terms) VALUES (?, ?, ?)");
    this.#removeLength = database.prepare("DELETE FROM text_lengths WHERE library = ? AND chunk = ? RETURNING terms");
    this.#add = database.prepare(
      `INSERT INTO text_totals (library, chunks, terms) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET chunks = chunks + excluded.chunks, terms = terms + excluded.terms`,
    );
    this.#forget = database.prepare("DELETE FROM text_totals WHERE library = ?");
    this.#merge = database.prepare("INSERT INTO postings (postings, rank) VALUES ('merge', ?)");
    this.#changes = database.prepare("SELECT total_changes() AS changes");
    this.#some = database.prepare("SELECT chunk FROM text_lengths WHERE library = ? LIMIT ?");
  }

  /** Adds the chunks of a document, by their keys. */
  insert({ key, language }: TextLibrary, title: string, chunks: ReadonlyMap<number, string>): void {
    const analyzer = analyzerOf(language);
    const titleTerms = analyzer.terms(title);
    let total = 0;
    for (const [chunk, text] of chunks) {
      const terms = [...titleTerms, ...analyzer.terms(text)];
      this.#insert.run(chunk, tokensOf(key, terms));
      this.#insertLength.run(key, chunk, terms.length);
      total += terms.length;
    }
    this.#add.run(key, chunks.size, total);
  }

  /** A document's title has changed, from one to the other. */
  retitle(library: TextLibrary, [before, after]: readonly [string, string], chunks: Iterable<[number, string]>): void {
    const analyzer = analyzerOf(library.language);
    // Only words count, and how often they occur.
    if (analyzer.terms(before).toSorted().join(" ") === analyzer.terms(after).toSorted().join(" ")) return;
    const texts = new Map(chunks);
    this.remove(library.key, [...texts.keys()]);
    this.insert(library, after, texts);
  }

  remove(library: number, chunks: readonly number[]): void {
    let total = 0;
    for (const chunk of chunks) {
      const row = this.#removeLength.get(library, chunk);
      if (row === undefined) throw new Error(`The terms of chunk ${chunk} are not there`);
      total += integer(row, "terms");
      this.#remove.run(chunk);
    }
    this.#add.run(library, -chunks.length, -total);
  }

  /**
   * Merges some pages of the index, to which each transaction that writes terms adds a segment; returns whether there may be
   * more. FTS5 would merge by itself, but hundreds of pages at a time, in an arbitrary commit.
   */
  merge(): boolean {
    const before = this.#total();
    const started = performance.now();
    this.#merge.run(this.#pages);
    const isLong = performance.now() - started > longStep;
    // According to FTS5's documentation, less than two changes mean that there was nothing to do.
    const merged = this.#total() - before >= 2;
    if (isLong) this.#pages = Math.max(1, this.#pages >> 1);
    else if (merged) this.#pages = Math.min(mostPages, this.#pages + 1);
    return merged;
  }

  #total(): number {
    return Number(this.#changes.get()?.["changes"] ?? 0);
  }

  /** Deletes the terms of some chunks of a deleted library; returns how many. */
  purge(library: number, limit: number): number {
    const chunks = this.#some.all(library, limit).map((row) => integer(row, "chunk"));
    if (chunks.length > 0) this.remove(library, chunks);
    else this.#forget.run(library);
    return chunks.length;
  }
}
