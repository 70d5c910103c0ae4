import type { DatabaseSync } from "node:sqlite";
import type { ReceiptRange, StoredReceipt } from "../../upload-store.ts";
import { bytes, flag, integer, type Row, text } from "../../engine/rows/row-values.ts";

function toReceipt(row: Row): StoredReceipt {
  return {
    line: integer(row, "line"),
    hash: bytes(row, "hash"),
    documentId: text(row, "document_id"),
    title: text(row, "title"),
    titleGenerated: flag(row, "title_generated"),
    numChunks: integer(row, "num_chunks"),
    seq: integer(row, "seq"),
  };
}

/** Receipts of the committed lines of resumable uploads. */
export class ReceiptsTable {
  readonly #insert;
  readonly #find;
  readonly #hasDocument;
  readonly #after;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      "INSERT INTO receipts (upload, line, hash, document_id, title, title_generated, num_chunks, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#find = database.prepare("SELECT * FROM receipts WHERE upload = ? AND line = ?");
    this.#hasDocument = database.prepare("SELECT 1 FROM receipts WHERE upload = ? AND document_id = ? LIMIT 1");
    this.#after = database.prepare(
      `SELECT r.* FROM uploads u JOIN receipts r ON r.upload = u.key
       WHERE u.key = ? AND u.library = ? AND u.idempotency_key IS NOT NULL AND r.line > ? ORDER BY r.line LIMIT ?`,
    );
    this.#remove = database.prepare(
      "DELETE FROM receipts WHERE upload = ? AND line IN (SELECT line FROM receipts WHERE upload = ? LIMIT ?)",
    );
  }

  insert(upload: number, { line, hash, documentId, title, titleGenerated, numChunks, seq }: StoredReceipt): void {
    this.#insert.run(upload, line, hash, documentId, title, Number(titleGenerated), numChunks, seq);
  }

  find(upload: number, line: number): StoredReceipt | undefined {
    const row = this.#find.get(upload, line);
    return row === undefined ? undefined : toReceipt(row);
  }

  /** Whether a line of the upload wrote this document. */
  hasDocument(upload: number, documentId: string): boolean {
    return this.#hasDocument.get(upload, documentId) !== undefined;
  }

  /** Receipts of an upload of this library, ordered by line. */
  after(library: number, { uploadId, afterLine, limit }: ReceiptRange): readonly StoredReceipt[] {
    return this.#after.all(Number(uploadId), library, afterLine, limit).map(toReceipt);
  }

  /** Deletes some receipts of an upload; returns how many. */
  remove(upload: number, limit: number): number {
    return Number(this.#remove.run(upload, upload, limit).changes);
  }
}
