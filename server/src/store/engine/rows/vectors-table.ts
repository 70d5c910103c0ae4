import type { DatabaseSync } from "node:sqlite";
import { base64, integer, toBlob, vector } from "./row-values.ts";

/** The tables of vectors, by turns: a library's spaces have even and odd numbers. */
export const vectorTables = ["vectors", "odd_vectors"] as const;

/** The vectors of one space, as searches read them. */
export type SpaceVectors = Pick<VectorsTable, "vector" | "vectors">;

/**
 * The vectors of chunks in one kind of spaces, even or odd. A library's vectors are in the table of its current space. While it
 * is re-embedded, the other table is filled with those of its next one.
 */
export class VectorsTable {
  readonly #insert;
  readonly #remove;
  readonly #find;
  readonly #ofDocument;
  readonly #ofLibrary;
  readonly #keysAfter;

  constructor(database: DatabaseSync, table: (typeof vectorTables)[number]) {
    this.#insert = database.prepare(`INSERT OR REPLACE INTO ${table} (chunk, vector) VALUES (?, ?)`);
    this.#remove = database.prepare(`DELETE FROM ${table} WHERE chunk = ?`);
    this.#find = database.prepare(`SELECT vector FROM ${table} WHERE chunk = ?`);
    this.#ofDocument = database.prepare(
      `SELECT c.key, v.vector FROM chunks c LEFT JOIN ${table} v ON v.chunk = c.key WHERE c.document = ? ORDER BY c.chunk_index`,
    );
    const joined = `FROM chunks c JOIN ${table} v ON v.chunk = c.key WHERE c.library = ?`;
    this.#ofLibrary = database.prepare(`SELECT c.key, v.vector ${joined} ORDER BY c.key`);
    this.#keysAfter = database.prepare(`SELECT c.key ${joined} AND c.key > ? ORDER BY c.key LIMIT ?`);
  }

  insert(chunk: number, values: Float32Array): void {
    this.#insert.run(chunk, toBlob(values));
  }

  remove(chunk: number): void {
    this.#remove.run(chunk);
  }

  vector(chunk: number): Float32Array<ArrayBuffer> | undefined {
    const row = this.#find.get(chunk);
    return row === undefined ? undefined : vector(row, "vector");
  }

  /** The same as base64 of little-endian float32. */
  base64(chunk: number): string | undefined {
    const row = this.#find.get(chunk);
    return row === undefined ? undefined : base64(row, "vector");
  }

  /** The vectors of a document's chunks, in order. @throws Error if a chunk has none */
  ofDocument(document: number): readonly Float32Array<ArrayBuffer>[] {
    return this.#ofDocument.all(document).map((row) => {
      if (row["vector"] === null) throw new Error(`Chunk ${integer(row, "key")} has no vector`);
      return vector(row, "vector");
    });
  }

  /** Every vector of a library, one by one. */
  *vectors(library: number): Generator<{ readonly key: number; readonly vector: Float32Array<ArrayBuffer> }> {
    for (const row of this.#ofLibrary.iterate(library))
      yield { key: integer(row, "key"), vector: vector(row, "vector") };
  }

  /** Keys of a library's chunks with a vector here, greater than one, ascending, up to a limit. */
  keysAfter(library: number, after: number, limit: number): readonly number[] {
    return this.#keysAfter.all(library, after, limit).map((row) => integer(row, "key"));
  }
}
