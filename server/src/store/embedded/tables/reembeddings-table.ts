import { reembeddingStates } from "@arrwdb/protocol/documents/reembedding";
import { isErrorCode } from "@arrwdb/protocol/errors/error-table";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { integer, nullableInteger, nullableText, type Row, text } from "../../engine/rows/row-values.ts";
import type { ReembeddingTarget, StoredReembedding } from "../../reembedding-store.ts";

const state = z.enum(reembeddingStates);

/** As stored; the number of chunks is that of the library. */
export type ReembeddingRow = Omit<StoredReembedding, "libraryId" | "chunksTotal">;

/** How a re-embedding ended. */
export type ReembeddingResult = Pick<StoredReembedding, "state" | "finishedAt" | "seq" | "error" | "chunksDone">;

/** Vectors that are of no use any more. */
export interface ToClear {
  readonly library: number;
  /** The library's current space; they are in the other one. */
  readonly space: number;
  /** They are those of chunks with greater keys. */
  readonly after: number;
}

function toReembedding(row: Row): ReembeddingRow {
  const code = nullableText(row, "error_code");
  return {
    id: text(row, "id"),
    state: state.parse(text(row, "state")),
    embeddingModel: text(row, "embedding_model"),
    dimension: integer(row, "dimension"),
    chunksDone: integer(row, "chunks_done"),
    startedAt: text(row, "started_at"),
    finishedAt: nullableText(row, "finished_at"),
    seq: nullableInteger(row, "seq"),
    error:
      code === null ? null : { code: isErrorCode(code) ? code : "internal", message: nullableText(row, "error") ?? "" },
  };
}

/** The latest re-embedding of each library. */
export class ReembeddingsTable {
  readonly #put;
  readonly #find;
  readonly #running;
  readonly #advance;
  readonly #finish;
  readonly #toClear;
  readonly #cleared;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO reembeddings (library, id, state, embedding_model, dimension, chunks_done, started_at)
       VALUES (?, ?, 'running', ?, ?, 0, ?)`,
    );
    this.#find = database.prepare("SELECT * FROM reembeddings WHERE library = ?");
    this.#running = database.prepare(
      "SELECT l.id FROM reembeddings r JOIN libraries l ON l.key = r.library WHERE r.state = 'running' AND l.deleted = 0",
    );
    this.#advance = database.prepare("UPDATE reembeddings SET chunks_done = chunks_done + ? WHERE library = ?");
    this.#finish = database.prepare(
      `UPDATE reembeddings SET state = ?, finished_at = ?, seq = ?, error_code = ?, error = ?, chunks_done = ?, clear_after = 0
       WHERE library = ?`,
    );
    this.#toClear = database.prepare(
      `SELECT r.library, r.clear_after, l.space FROM reembeddings r JOIN libraries l ON l.key = r.library
       WHERE r.clear_after IS NOT NULL LIMIT 1`,
    );
    this.#cleared = database.prepare("UPDATE reembeddings SET clear_after = ? WHERE library = ?");
    this.#remove = database.prepare("DELETE FROM reembeddings WHERE library = ?");
  }

  /** Replaces the library's latest one. What that left behind is overwritten by this one, or cleared after it. */
  begin(library: number, id: string, { embeddingModel, dimension }: ReembeddingTarget, startedAt: string): void {
    this.#put.run(library, id, embeddingModel, dimension, startedAt);
  }

  find(library: number): ReembeddingRow | undefined {
    const row = this.#find.get(library);
    return row === undefined ? undefined : toReembedding(row);
  }

  /** The ids of libraries that are being re-embedded. */
  running(): readonly string[] {
    return this.#running.all().map((row) => text(row, "id"));
  }

  advance(library: number, chunks: number): void {
    this.#advance.run(chunks, library);
  }

  /** It has ended; vectors of the other space are of no use any more. */
  finish(library: number, result: ReembeddingResult): void {
    const { state: ended, finishedAt, seq, error, chunksDone } = result;
    this.#finish.run(ended, finishedAt, seq, error?.code ?? null, error?.message ?? null, chunksDone, library);
  }

  toClear(): ToClear | undefined {
    const row = this.#toClear.get();
    if (row === undefined) return undefined;
    return { library: integer(row, "library"), space: integer(row, "space"), after: integer(row, "clear_after") };
  }

  /** Those of chunks up to this key are removed; null if all are. */
  cleared(library: number, after: number | null): void {
    this.#cleared.run(after, library);
  }

  remove(library: number): void {
    this.#remove.run(library);
  }
}
