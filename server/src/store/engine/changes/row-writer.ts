import type { DocumentSummary, Library } from "@arrwdb/protocol/documents/model";
import { paired } from "../../../util/pair-lists.ts";
import type { NewChunk } from "../../document-store.ts";
import type { DocumentRow } from "../rows/documents-table.ts";
import type { IndexChange, KeyedVector } from "./index-change.ts";
import type { LibraryRow, NextSpace } from "../rows/libraries-table.ts";
import type { RowTables } from "./row-tables.ts";

/** A document as written at `summary.seq`. */
export interface DocumentContent {
  readonly summary: DocumentSummary;
  /** Chunks without an id are given one. */
  readonly chunks: readonly (NewChunk & { readonly id?: string })[];
  readonly uploadId?: string | undefined;
  /** The row key of a new document, where it is decided elsewhere. */
  readonly key?: number | undefined;
}

/** Takes decided changes. */
export type RowChanges = Omit<RowWriter, "setNext" | "putNext" | "changeOver" | "settle">;

/**
 * Applies decided changes to the rows that searches read, in the caller's transaction: the caller decides ids, times,
 * positions and events. Rows are written immediately; changes to the indexes are collected until after the commit. Each
 * method returns the library after the change.
 */
export class RowWriter {
  readonly #tables: RowTables;
  readonly indexChanges: IndexChange[] = [];

  constructor(tables: RowTables) {
    this.#tables = tables;
  }

  createLibrary(library: Library): LibraryRow {
    return { key: this.#tables.libraries.insert(library), library, space: 0, next: undefined };
  }

  /** @param row with the library's new settings, counts and `seq` */
  updateLibrary(row: LibraryRow): LibraryRow {
    this.#tables.libraries.update(row.key, row.library);
    this.indexChanges.push({ row, added: [], removed: [], dropped: false });
    return row;
  }

  /** Hides the library and all its rows, which are purged later. */
  deleteLibrary(row: LibraryRow, seq: number): LibraryRow {
    this.#tables.libraries.markDeleted(row.key, seq);
    this.indexChanges.push({ row, added: [], removed: [], dropped: true });
    return { ...row, library: { ...row.library, seq } };
  }

  /** @param before the document that is replaced as a whole, if any */
  putDocument(row: LibraryRow, content: DocumentContent, before?: DocumentRow): LibraryRow {
    const removed = before === undefined ? [] : this.#removeChunks(row, before.key);
    const key = this.#putSummary(row.key, content, before?.key);
    const keys = this.#insertChunks(row, key, content);
    const after = this.#advance(row, content.summary.seq, {
      documents: before === undefined ? 1 : 0,
      chunks: keys.length - removed.length,
    });
    const added = paired(content.chunks, keys, "The table of chunks").map(([{ vector }, chunk]) => ({
      key: chunk,
      vector,
    }));
    const document = {
      added: { key, seq: content.summary.seq, chunks: keys.length },
      removed: before?.summary.seq,
    };
    this.indexChanges.push({ row, added, removed, document, dropped: false });
    return after;
  }

  /** @param after its fields after the change; its chunks stay */
  patchDocument(row: LibraryRow, { key, uploadId, summary }: DocumentRow, after: DocumentSummary): LibraryRow {
    this.#tables.documents.replace(key, after, uploadId ?? undefined);
    if (after.title !== summary.title) {
      const library = { key: row.key, language: row.library.language };
      this.#tables.texts.retitle(library, [summary.title, after.title], this.#tables.chunks.texts(key));
    }
    const patched = this.#tables.chunks.rangeOfDocument(key);
    const document = { added: { key, seq: after.seq, chunks: after.num_chunks }, removed: summary.seq };
    this.indexChanges.push({ row, added: [], removed: [], patched, document, dropped: false });
    return this.#advance(row, after.seq, { documents: 0, chunks: 0 });
  }

  deleteDocument(row: LibraryRow, document: DocumentRow, seq: number): LibraryRow {
    const removed = this.#removeChunks(row, document.key);
    this.#tables.documents.remove(document.key);
    const after = this.#advance(row, seq, { documents: -1, chunks: -removed.length });
    this.indexChanges.push({
      row,
      added: [],
      removed,
      document: { removed: document.summary.seq },
      dropped: false,
    });
    return after;
  }

  /** Begins to re-embed a library, or ends that: searches go on as before. */
  setNext(row: LibraryRow, next: NextSpace | undefined): LibraryRow {
    const after = { ...row, next };
    this.#tables.libraries.setNext(row.key, next);
    this.indexChanges.push({ row: after, added: [], removed: [], nextKeys: [], dropped: false });
    return after;
  }

  /** Stores vectors of the next space, those of all chunks up to `next.after` that have none yet. */
  putNext(row: LibraryRow, next: NextSpace, vectors: readonly KeyedVector[]): LibraryRow {
    const { chunks, libraries } = this.#tables;
    const space = chunks.inSpace(row.space + 1);
    // Documents may have been replaced or deleted meanwhile.
    const kept = vectors.filter(({ key }) => chunks.has(row.key, key));
    for (const { key, vector } of kept) space.insert(key, vector);
    libraries.setNext(row.key, next);
    const after = { ...row, next };
    const nextKeys = kept.map(({ key }) => key);
    this.indexChanges.push({ row: after, added: [], removed: [], nextKeys, dropped: false });
    return after;
  }

  /** The library's vectors are those of its next space from now on. @param library with the model and `seq` after it */
  changeOver(row: LibraryRow, library: Library): LibraryRow {
    const after = { ...row, library, space: row.space + 1, next: undefined };
    this.#tables.libraries.update(row.key, library);
    this.#tables.libraries.changeOver(after);
    this.indexChanges.push({ row: after, added: [], removed: [], changedOver: true, dropped: false });
    return after;
  }

  /** A change that does not affect documents. */
  advance(row: LibraryRow, seq: number): LibraryRow {
    return this.#advance(row, seq, { documents: 0, chunks: 0 });
  }

  /** The library's counts and position, as decided elsewhere. */
  settle({ key, library }: LibraryRow): void {
    this.#tables.libraries.update(key, library);
  }

  #insertChunks(row: LibraryRow, document: number, content: DocumentContent): readonly number[] {
    const { key, library } = row;
    const { summary, chunks } = content;
    const keys = this.#tables.chunks.insert(row, document, chunks);
    const texts = new Map(paired(keys, chunks, "The document").map(([chunk, { text }]) => [chunk, text]));
    this.#tables.texts.insert({ key, language: library.language }, summary.title, texts);
    return keys;
  }

  #removeChunks({ key }: LibraryRow, document: number): readonly number[] {
    const removed = this.#tables.chunks.removeOfDocument(document);
    this.#tables.texts.remove(key, removed);
    return removed;
  }

  #putSummary(library: number, content: DocumentContent, before: number | undefined): number {
    const { summary, uploadId, key } = content;
    if (before === undefined) return this.#tables.documents.insert(library, summary, { uploadId, key });
    this.#tables.documents.replace(before, summary, uploadId);
    return before;
  }

  #advance(row: LibraryRow, seq: number, by: { documents: number; chunks: number }): LibraryRow {
    const { key, library } = row;
    const next = {
      ...library,
      num_documents: library.num_documents + by.documents,
      num_chunks: library.num_chunks + by.chunks,
      seq,
    };
    this.#tables.libraries.update(key, next);
    return { ...row, library: next };
  }
}
