import type { DatabaseSync } from "node:sqlite";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { Page, PageRequest } from "../../page.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { expiryColumn } from "./expiry-column.ts";
import { metadataColumn, tagsColumn } from "./metadata-columns.ts";
import { flag, integer, nullableInteger, nullableText, type Row, text } from "./row-values.ts";

/** A document: its row key, the position of its last write, and its number of chunks. */
export interface DocumentPlace {
  readonly key: number;
  readonly seq: number;
  readonly chunks: number;
}

/** A document with its row key, which its chunks refer to. */
export interface DocumentRow {
  readonly key: number;
  readonly uploadId: string | null;
  readonly summary: DocumentSummary;
}

function toDocumentRow(row: Row): DocumentRow {
  return {
    key: integer(row, "key"),
    uploadId: nullableText(row, "upload_id"),
    summary: {
      id: text(row, "id"),
      title: text(row, "title"),
      title_generated: flag(row, "title_generated"),
      author: nullableText(row, "author"),
      document_type: nullableText(row, "document_type"),
      source_url: nullableText(row, "source_url"),
      tags: [...tagsColumn.decode(text(row, "tags"))],
      metadata: metadataColumn.decode(text(row, "metadata")),
      num_chunks: integer(row, "num_chunks"),
      created_at: text(row, "created_at"),
      updated_at: text(row, "updated_at"),
      expires_at: expiryColumn.decode(nullableInteger(row, "expires_at")),
      seq: integer(row, "seq"),
    },
  };
}

/** The documents, without their chunks. */
export class DocumentsTable {
  readonly #insert;
  readonly #replace;
  readonly #find;
  readonly #at;
  readonly #writtenAt;
  readonly #places;
  readonly #page;
  readonly #all;
  readonly #expired;
  readonly #nextExpiry;
  readonly #nextExpiries;
  readonly #remove;
  readonly #purge;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO documents (library, id, title, title_generated, author, document_type, source_url, tags, metadata, num_chunks, created_at, updated_at, expires_at, seq, upload_id, key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#replace = database.prepare(
      `UPDATE documents SET title = ?, title_generated = ?, author = ?, document_type = ?, source_url = ?, tags = ?, metadata = ?, num_chunks = ?, updated_at = ?, expires_at = ?, seq = ?, upload_id = ?
       WHERE key = ?`,
    );
    this.#find = database.prepare("SELECT * FROM documents WHERE library = ? AND id = ?");
    this.#at = database.prepare("SELECT * FROM documents WHERE key = ?");
    this.#writtenAt = database.prepare("SELECT * FROM documents WHERE library = ? AND seq = ?");
    this.#places = database.prepare(
      "SELECT key, seq, num_chunks FROM documents WHERE library = ? AND seq > ? ORDER BY seq LIMIT ?",
    );
    this.#page = database.prepare("SELECT * FROM documents WHERE library = ? AND key > ? ORDER BY key LIMIT ?");
    this.#all = database.prepare("SELECT * FROM documents WHERE library = ? ORDER BY key");
    this.#expired = database.prepare(
      "SELECT * FROM documents WHERE library = ? AND expires_at <= ? ORDER BY expires_at, key LIMIT 1",
    );
    this.#nextExpiry = database.prepare(
      "SELECT min(expires_at) AS at FROM documents WHERE library = ? AND expires_at IS NOT NULL",
    );
    this.#nextExpiries = database.prepare(
      `SELECT libraries.id AS id, min(documents.expires_at) AS at FROM documents JOIN libraries ON libraries.key = documents.library
       WHERE documents.expires_at IS NOT NULL AND libraries.deleted = 0 GROUP BY documents.library`,
    );
    this.#remove = database.prepare("DELETE FROM documents WHERE key = ?");
    this.#purge = database.prepare(
      "DELETE FROM documents WHERE key IN (SELECT key FROM documents WHERE library = ? LIMIT ?)",
    );
  }

  /** @param row its key is the next one if undefined */
  insert(
    library: number,
    document: DocumentSummary,
    row: { uploadId: string | undefined; key: number | undefined },
  ): number {
    const {
      id,
      title,
      title_generated,
      author,
      document_type,
      source_url,
      tags,
      metadata,
      num_chunks,
      created_at,
      updated_at,
      seq,
    } = document;
    const json = [tagsColumn.encode(tags), metadataColumn.encode(metadata)] as const;
    return Number(
      this.#insert.run(
        library,
        id,
        title,
        Number(title_generated),
        author,
        document_type,
        source_url,
        ...json,
        num_chunks,
        created_at,
        updated_at,
        expiryColumn.encode(document.expires_at),
        seq,
        row.uploadId ?? null,
        row.key ?? null,
      ).lastInsertRowid,
    );
  }

  replace(key: number, document: DocumentSummary, uploadId: string | undefined): void {
    const { title, title_generated, author, document_type, source_url, tags, metadata, num_chunks, updated_at, seq } =
      document;
    const json = [tagsColumn.encode(tags), metadataColumn.encode(metadata)] as const;
    this.#replace.run(
      title,
      Number(title_generated),
      author,
      document_type,
      source_url,
      ...json,
      num_chunks,
      updated_at,
      expiryColumn.encode(document.expires_at),
      seq,
      uploadId ?? null,
      key,
    );
  }

  find(library: number, id: string): DocumentRow | undefined {
    const row = this.#find.get(library, id);
    return row === undefined ? undefined : toDocumentRow(row);
  }

  at(key: number): DocumentRow | undefined {
    const row = this.#at.get(key);
    return row === undefined ? undefined : toDocumentRow(row);
  }

  /** The document whose last write has this position. */
  writtenAt(library: number, seq: number): DocumentRow | undefined {
    const row = this.#writtenAt.get(library, seq);
    return row === undefined ? undefined : toDocumentRow(row);
  }

  /** Documents written after a position, in the order of their last writes, up to a limit. */
  places(library: number, after: number, limit: number): readonly DocumentPlace[] {
    return this.#places
      .all(library, after, limit)
      .map((row) => ({ key: integer(row, "key"), seq: integer(row, "seq"), chunks: integer(row, "num_chunks") }));
  }

  page(library: number, seq: number, { limit, cursor }: PageRequest): Page<DocumentSummary> {
    const list = `documents of ${library}`;
    const rows = this.#page.all(library, decodeCursor(list, cursor), limit + 1).map(toDocumentRow);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(({ summary }) => summary),
      nextCursor: last === undefined ? null : encodeCursor(list, last.key),
      seq,
    };
  }

  /** The document that expired first, if one had at this instant, in milliseconds. */
  firstExpired(library: number, now: number): DocumentRow | undefined {
    const row = this.#expired.get(library, now);
    return row === undefined ? undefined : toDocumentRow(row);
  }

  /** When documents of the library expire next, in milliseconds. */
  nextExpiry(library: number): number | undefined {
    const row = this.#nextExpiry.get(library);
    return row === undefined ? undefined : (nullableInteger(row, "at") ?? undefined);
  }

  /** The same of every library with documents that expire. */
  nextExpiries(): readonly { readonly libraryId: string; readonly at: number }[] {
    return this.#nextExpiries.all().map((row) => ({ libraryId: text(row, "id"), at: integer(row, "at") }));
  }

  /** Every document of a library, one by one, in insertion order. */
  *all(library: number): Generator<DocumentRow> {
    for (const row of this.#all.iterate(library)) yield toDocumentRow(row);
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  /** Deletes some rows of a deleted library; returns how many. */
  purge(library: number, limit: number): number {
    return Number(this.#purge.run(library, limit).changes);
  }
}
