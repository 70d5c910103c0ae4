import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { DatabaseSync } from "node:sqlite";
import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import type { Document } from "@arrwdb/protocol/documents/model";
import type { SearchHit } from "@arrwdb/protocol/search/search";
import { v7 as uuidv7 } from "uuid";
import { filterRecord, type FilterSource } from "../../filter-record.ts";
import type { ChunkRange } from "./chunk-range.ts";
import type { NewChunk } from "../../document-store.ts";
import { expiryColumn } from "./expiry-column.ts";
import { hasAddedField, metadataColumn, tagsColumn } from "./metadata-columns.ts";
import { base64, flag, integer, nullableInteger, nullableText, type Row, text, toBlob, vector } from "./row-values.ts";

/** What filters test of a chunk, and hits show as well. */
export interface ChunkSource extends FilterSource {
  readonly titleGenerated: boolean;
}

/** A chunk with what filters and hits need of it. */
export interface ChunkRow {
  readonly key: number;
  readonly id: string;
  readonly text: string;
  readonly source: ChunkSource;
  /** Number of characters of its text and metadata. */
  readonly characters: number;
  /** The position of its document's last write. */
  readonly seq: number;
}

const metadataColumns = ["chunk_metadata", "document_metadata", "tags"] as const;

const columns = `c.key, c.id, c.chunk_index, c.page_number, c.metadata AS chunk_metadata, d.id AS document_id, d.title, d.title_generated, d.author,
  d.document_type, d.source_url, d.tags, d.metadata AS document_metadata, d.created_at, d.updated_at, d.expires_at, d.seq`;

function toSource(row: Row): ChunkSource {
  return {
    documentId: text(row, "document_id"),
    title: text(row, "title"),
    titleGenerated: flag(row, "title_generated"),
    author: nullableText(row, "author"),
    documentType: nullableText(row, "document_type"),
    sourceUrl: nullableText(row, "source_url"),
    tags: tagsColumn.decode(text(row, "tags")),
    documentMetadata: metadataColumn.decode(text(row, "document_metadata")),
    chunkMetadata: metadataColumn.decode(text(row, "chunk_metadata")),
    chunkIndex: integer(row, "chunk_index"),
    pageNumber: nullableInteger(row, "page_number"),
    createdAt: text(row, "created_at"),
    updatedAt: text(row, "updated_at"),
    expiresAt: expiryColumn.decode(nullableInteger(row, "expires_at")),
  };
}

/** The chunks and their vectors. */
export class ChunksTable {
  readonly #insert;
  readonly #insertVector;
  readonly #keysOfDocument;
  readonly #textsOfDocument;
  readonly #ends;
  readonly #removeOfDocument;
  readonly #removeVector;
  readonly #ofDocument;
  readonly #vectorsOfDocument;
  readonly #find;
  readonly #keyOf;
  readonly #source;
  readonly #sources;
  readonly #keysAfter;
  readonly #vector;
  readonly #vectors;
  readonly #purgeKeys;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      "INSERT INTO chunks (library, document, id, chunk_index, page_number, metadata, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#insertVector = database.prepare("INSERT INTO vectors (chunk, vector) VALUES (?, ?)");
    this.#keysOfDocument = database.prepare("SELECT key FROM chunks WHERE document = ?");
    this.#textsOfDocument = database.prepare("SELECT key, text FROM chunks WHERE document = ? ORDER BY chunk_index");
    const end = "SELECT key FROM chunks WHERE document = ? ORDER BY chunk_index";
    this.#ends = database.prepare(`SELECT (${end} LIMIT 1) AS first, (${end} DESC LIMIT 1) AS last`);
    this.#removeOfDocument = database.prepare("DELETE FROM chunks WHERE document = ?");
    this.#removeVector = database.prepare("DELETE FROM vectors WHERE chunk = ?");
    this.#ofDocument = database.prepare("SELECT * FROM chunks WHERE document = ? ORDER BY chunk_index");
    this.#vectorsOfDocument = database.prepare(
      "SELECT c.key, v.vector FROM chunks c LEFT JOIN vectors v ON v.chunk = c.key WHERE c.document = ? ORDER BY c.chunk_index",
    );
    const joined = "FROM chunks c JOIN documents d ON d.key = c.document";
    this.#find = database.prepare(`SELECT ${columns}, c.text ${joined} WHERE c.key = ?`);
    this.#keyOf = database.prepare("SELECT key FROM chunks WHERE id = ? AND library = ?");
    this.#source = database.prepare(`SELECT ${columns} ${joined} WHERE c.key = ?`);
    this.#sources = database.prepare(
      `SELECT ${columns} ${joined} WHERE c.library = ? AND c.key > ? ORDER BY c.key LIMIT ?`,
    );
    this.#keysAfter = database.prepare("SELECT key FROM chunks WHERE library = ? AND key > ? ORDER BY key LIMIT ?");
    this.#vector = database.prepare("SELECT vector FROM vectors WHERE chunk = ?");
    this.#vectors = database.prepare(
      "SELECT c.key, v.vector FROM chunks c JOIN vectors v ON v.chunk = c.key WHERE c.library = ? ORDER BY c.key",
    );
    this.#purgeKeys = database.prepare("SELECT key FROM chunks WHERE library = ? LIMIT ?");
    this.#remove = database.prepare("DELETE FROM chunks WHERE key = ?");
  }

  /** Returns the key of each chunk. */
  insert(
    library: number,
    document: number,
    chunks: readonly (NewChunk & { readonly id?: string })[],
  ): readonly number[] {
    return chunks.map((chunk, index) => {
      const metadata = stringifyExactly(chunk.metadata);
      const { lastInsertRowid } = this.#insert.run(
        library,
        document,
        chunk.id ?? uuidv7(),
        index,
        chunk.pageNumber,
        metadata,
        chunk.text,
      );
      const key = Number(lastInsertRowid);
      this.#insertVector.run(key, toBlob(chunk.vector));
      return key;
    });
  }

  /** The key of the chunk with this id. */
  keyOf(library: number, id: string): number | undefined {
    const row = this.#keyOf.get(id, library);
    return row === undefined ? undefined : integer(row, "key");
  }

  /** The keys of a document's chunks. */
  keysOfDocument(document: number): readonly number[] {
    return this.#keysOfDocument.all(document).map((row) => integer(row, "key"));
  }

  /** Removes the chunks of a document; returns their keys. */
  removeOfDocument(document: number): readonly number[] {
    const keys = this.keysOfDocument(document);
    for (const key of keys) this.#removeVector.run(key);
    this.#removeOfDocument.run(document);
    return keys;
  }

  /** The chunks of a document. They were inserted one after the other, so their keys are consecutive. */
  rangeOfDocument(document: number): ChunkRange {
    const row = this.#ends.get(document, document) ?? {};
    return { first: integer(row, "first"), last: integer(row, "last") };
  }

  firstText(document: number): string {
    const [first] = this.texts(document);
    return first?.[1] ?? "";
  }

  /** The texts of a document's chunks, by their keys. */
  *texts(document: number): Generator<[number, string]> {
    for (const row of this.#textsOfDocument.iterate(document)) yield [integer(row, "key"), text(row, "text")];
  }

  ofDocument(document: number, vectors: boolean): Document["chunks"] {
    return this.#ofDocument.all(document).map((row) => ({
      id: text(row, "id"),
      chunk_index: integer(row, "chunk_index"),
      text: text(row, "text"),
      page_number: nullableInteger(row, "page_number"),
      metadata: metadataColumn.decode(text(row, "metadata")),
      ...(vectors ? { embedding: this.#base64(integer(row, "key")) } : {}),
    }));
  }

  /** The vectors of a document's chunks, in order. @throws Error if a chunk has none */
  vectorsOfDocument(document: number): readonly Float32Array<ArrayBuffer>[] {
    return this.#vectorsOfDocument.all(document).map((row) => {
      if (row["vector"] === null) throw new Error(`Chunk ${integer(row, "key")} has no vector`);
      return vector(row, "vector");
    });
  }

  find(key: number): ChunkRow | undefined {
    const row = this.#find.get(key);
    if (row === undefined) return undefined;
    const content = text(row, "text");
    const characters = metadataColumns.reduce((sum, column) => sum + text(row, column).length, content.length);
    return { key, id: text(row, "id"), text: content, source: toSource(row), characters, seq: integer(row, "seq") };
  }

  /** The fields of one chunk that filters can test. */
  source(key: number): FilterSource | undefined {
    const row = this.#source.get(key);
    return row === undefined ? undefined : toSource(row);
  }

  /** The same, as the record that filters are evaluated on. */
  record(key: number): FilterRecord | undefined {
    const source = this.source(key);
    return source === undefined ? undefined : filterRecord(source);
  }

  /** The records of a library's chunks with keys greater than `after`, ascending. */
  records(library: number, after: number, limit: number): { readonly key: number; readonly record: FilterRecord }[] {
    return this.#sources
      .all(library, after, limit)
      .map((row) => ({ key: integer(row, "key"), record: filterRecord(toSource(row)) }));
  }

  /** Keys of a library's chunks greater than one, ascending, up to a limit. */
  keysAfter(library: number, after: number, limit: number): readonly number[] {
    return this.#keysAfter.all(library, after, limit).map((row) => integer(row, "key"));
  }

  vector(key: number): Float32Array<ArrayBuffer> | undefined {
    const row = this.#vector.get(key);
    return row === undefined ? undefined : vector(row, "vector");
  }

  #base64(key: number): string {
    const row = this.#vector.get(key);
    if (row === undefined) throw new Error(`Chunk ${key} has no vector`);
    return base64(row, "vector");
  }

  /** Every vector of a library, one by one. */
  *vectors(library: number): Generator<{ readonly key: number; readonly vector: Float32Array<ArrayBuffer> }> {
    for (const row of this.#vectors.iterate(library)) yield { key: integer(row, "key"), vector: vector(row, "vector") };
  }

  /** Deletes some chunks of a deleted library; returns how many. */
  purge(library: number, limit: number): number {
    const keys = this.#purgeKeys.all(library, limit).map((row) => integer(row, "key"));
    for (const key of keys) {
      this.#removeVector.run(key);
      this.#remove.run(key);
    }
    return keys.length;
  }
}

/** The part of a hit that depends only on its chunk. */
export type HitContent = Omit<SearchHit, "rank" | "distance">;

export function toHitContent({ id, text: content, source }: ChunkRow): HitContent {
  const server = {
    created_at: source.createdAt,
    page_number: source.pageNumber,
    chunk_index: source.chunkIndex,
    source_document_id: source.documentId,
  };
  const { chunkMetadata } = source;
  const metadata: Metadata & typeof server = { ...chunkMetadata, ...server };
  return {
    chunk_id: id,
    document_id: source.documentId,
    text: content,
    metadata,
    ...(hasAddedField(chunkMetadata) ? { own_metadata: chunkMetadata } : {}),
    document: {
      title: source.title,
      title_generated: source.titleGenerated,
      author: source.author,
      document_type: source.documentType,
      source_url: source.sourceUrl,
      tags: [...source.tags],
      metadata: source.documentMetadata,
    },
  };
}
