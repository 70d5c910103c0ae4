import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { v7 as uuidv7 } from "uuid";
import type { IndexChange } from "../../engine/changes/index-change.ts";
import type { RowWriter } from "../../engine/changes/row-writer.ts";
import type { LibrariesTable, LibraryRow, NextSpace } from "../../engine/rows/libraries-table.ts";
import type { StoredReembedding } from "../../reembedding-store.ts";
import type { ReembeddingRow, ReembeddingsTable } from "../tables/reembeddings-table.ts";
import type { ChunksTable } from "../../engine/rows/chunks-table.ts";
import type { Operations } from "./writer-messages.ts";

/** The tables that re-embedding reads and writes, apart from the rows that searches read. */
export interface ReembeddingTables {
  readonly libraries: Pick<LibrariesTable, "find">;
  readonly chunks: Pick<ChunksTable, "keysAfter">;
  readonly reembeddings: Pick<ReembeddingsTable, "begin" | "find" | "advance" | "finish">;
}

type ReadTables = Pick<ReembeddingTables, "libraries"> & {
  readonly reembeddings: Pick<ReembeddingsTable, "find">;
};

interface RunningReembedding {
  readonly row: LibraryRow;
  readonly next: NextSpace;
  readonly reembedding: ReembeddingRow;
}

/** The latest re-embedding of a library. @throws ArrwError `reembedding_not_found` if there was none */
export function latestReembedding(tables: ReadTables, libraryId: string): StoredReembedding {
  const { key, library } = tables.libraries.find(libraryId);
  const found = tables.reembeddings.find(key);
  if (found === undefined) throw new ArrwError("reembedding_not_found", "The library was never re-embedded");
  const { state, chunksDone } = found;
  const chunksTotal = state === "done" ? chunksDone : Math.max(chunksDone, library.num_chunks);
  return { ...found, libraryId, chunksTotal };
}

/** @throws ArrwError `reembedding_not_found` if this one does not run any more */
export function runningReembedding(tables: ReadTables, libraryId: string, id: string): RunningReembedding {
  const row = tables.libraries.find(libraryId);
  const reembedding = tables.reembeddings.find(row.key);
  if (reembedding?.id !== id || row.next === undefined) {
    throw new ArrwError("reembedding_not_found", "The re-embedding has ended");
  }
  return { row, next: row.next, reembedding };
}

/** Chunks that are removed in this transaction no longer count among those with a new vector. */
export function discountRemoved(
  { reembeddings }: Pick<ReembeddingTables, "reembeddings">,
  changes: readonly IndexChange[],
): void {
  for (const { row, removed } of changes) {
    const { next } = row;
    const done = next === undefined ? 0 : removed.filter((key) => key <= next.after).length;
    if (done > 0) reembeddings.advance(row.key, -done);
  }
}

/** Changes of re-embeddings, in one transaction. */
export class ReembeddingWrites {
  readonly #tables: ReembeddingTables;
  readonly #rows: RowWriter;
  readonly #timestamp: string;

  constructor(tables: ReembeddingTables, rows: RowWriter, timestamp: string) {
    this.#tables = tables;
    this.#rows = rows;
    this.#timestamp = timestamp;
  }

  begin({ libraryId, target }: Operations["beginReembedding"]["take"]): StoredReembedding {
    const row = this.#tables.libraries.find(libraryId);
    if (row.next !== undefined) {
      const message = `The library is being re-embedded with ${row.next.embeddingModel}; wait until that has ended, or cancel it`;
      throw new ArrwError("reembedding_in_progress", message);
    }
    this.#tables.reembeddings.begin(row.key, uuidv7(), target, this.#timestamp);
    this.#rows.setNext(row, { ...target, after: 0 });
    return latestReembedding(this.#tables, libraryId);
  }

  keep({ libraryId, id, vectors }: Operations["keepVectors"]["take"]): undefined {
    const { row, next } = runningReembedding(this.#tables, libraryId, id);
    const last = vectors.at(-1)?.key ?? next.after;
    this.#rows.putNext(row, { ...next, after: Math.max(next.after, last) }, vectors);
    // Chunks that were deleted meanwhile are left out.
    this.#tables.reembeddings.advance(row.key, this.#rows.indexChanges.at(-1)?.nextKeys?.length ?? 0);
  }

  /** The library's row with its new model, if each chunk has a vector. */
  changeOver({ libraryId, id }: Operations["changeOver"]["take"]): LibraryRow | undefined {
    const { row, next } = runningReembedding(this.#tables, libraryId, id);
    if (this.#tables.chunks.keysAfter(row.key, next.after, 1).length > 0) return undefined;
    const { embeddingModel, dimension } = next;
    const seq = row.library.seq + 1;
    const after = this.#rows.changeOver(row, { ...row.library, embedding_model: embeddingModel, dimension, seq });
    this.#finish(row, { state: "done", seq, error: null, chunksDone: row.library.num_chunks });
    return after;
  }

  /** Only the one with this id, if it is given. */
  end({ libraryId, end, id }: Operations["endReembedding"]["take"]): StoredReembedding {
    const row = this.#tables.libraries.find(libraryId);
    const { id: latest, chunksDone } = latestReembedding(this.#tables, libraryId);
    if (row.next !== undefined && (id ?? latest) === latest) {
      this.#rows.setNext(row, undefined);
      this.#finish(row, { state: end.state, seq: null, error: end.state === "failed" ? end.error : null, chunksDone });
    }
    return latestReembedding(this.#tables, libraryId);
  }

  #finish({ key }: LibraryRow, result: Pick<ReembeddingRow, "state" | "seq" | "error" | "chunksDone">): void {
    this.#tables.reembeddings.finish(key, { ...result, finishedAt: this.#timestamp });
  }
}
