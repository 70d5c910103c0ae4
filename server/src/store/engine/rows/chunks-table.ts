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
import type { ChunkToEmbed } from "../../reembedding-store.ts";
import { expiryColumn } from "./expiry-column.ts";
import { hasAddedField, metadataColumn, tagsColumn } from "./metadata-columns.ts";
import { flag, integer, nullableInteger, nullableText, type Row, text } from "./row-values.ts";
import { VectorsTable } from "./vectors-table.ts";

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
  readonly #even: VectorsTable;
  readonly #odd: VectorsTable;
  readonly #insert;
  readonly #textsAfter;
  readonly #has;
  readonly #keysOfDocument;
  readonly #textsOfDocument;
  readonly #ends;
  readonly #removeOfDocument;
  readonly #ofDocument;
  readonly #find;
  readonly #keyOf;
  readonly #source;
  readonly #sources;
  readonly #keysAfter;
  readonly #purgeKeys;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#even = new VectorsTable(database, "vectors");
    this.#odd = new VectorsTable(database, "odd_vectors");
    this.#insert = database.prepare(
      "INSERT INTO chunks (library, document, id, chunk_index, page_number, metadata, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#textsAfter = database.prepare(
      "SELECT c.key, c.text, d.id AS document_id FROM chunks c JOIN documents d ON d.key = c.document WHERE c.library = ? AND c.key > ? ORDER BY c.key LIMIT ?",
    );
    this.#has = database.prepare("SELECT 1 FROM chunks WHERE key = ? AND library = ?");
    this.#keysOfDocument = database.prepare("SELECT key FROM chunks WHERE document = ?");
    this.#textsOfDocument = database.prepare("SELECT key, text FROM chunks WHERE document = ? ORDER BY chunk_index");
    const end = "SELECT key FROM chunks WHERE document = ? ORDER BY chunk_index";
    this.#ends = database.prepare(`SELECT (${end} LIMIT 1) AS first, (${end} DESC LIMIT 1) AS last`);
    this.#removeOfDocument = database.prepare("DELETE FROM chunks WHERE document = ?");
    this.#ofDocument = database.prepare("SELECT * FROM chunks WHERE document = ? ORDER BY chunk_index");
    const joined = "FROM chunks c JOIN documents d ON d.key = c.document";
    this.#find = database.prepare(`SELECT ${columns}, c.text ${joined} WHERE c.key = ?`);
    this.#keyOf = database.prepare("SELECT key FROM chunks WHERE id = ? AND library = ?");
    this.#source = database.prepare(`SELECT ${columns} ${joined} WHERE c.key = ?`);
    this.#sources = database.prepare(
      `SELECT ${columns} ${joined} WHERE c.library = ? AND c.key > ? ORDER BY c.key LIMIT ?`,
    );
    this.#keysAfter = database.prepare("SELECT key FROM chunks WHERE library = ? AND key > ? ORDER BY key LIMIT ?");
    this.#purgeKeys = database.prepare("SELECT key FROM chunks WHERE library = ? LIMIT ?");
    this.#remove = database.prepare("DELETE FROM chunks WHERE key = ?");
  }

  /** The vectors of a library's space. */
  inSpace(space: number): VectorsTable {
    return space % 2 === 0 ? this.#even : this.#odd;
  }

  /** Returns the key of each chunk. @param space the library's current one */
  insert(
    library: { readonly key: number; readonly space: number },
    document: number,
    chunks: readonly (NewChunk & { readonly id?: string })[],
  ): readonly number[] {
    const vectors = this.inSpace(library.space);
    return chunks.map((chunk, index) => {
      const metadata = stringifyExactly(chunk.metadata);
      const { lastInsertRowid } = this.#insert.run(
        library.key,
        document,
        chunk.id ?? uuidv7(),
        index,
        chunk.pageNumber,
        metadata,
        chunk.text,
      );
      const key = Number(lastInsertRowid);
      vectors.insert(key, chunk.vector);
      return key;
    });
  }

  /** The key of the chunk with this id. */
  keyOf(library: number, id: string): number | undefined {
    const row = this.#keyOf.get(id, library);
    return row === undefined ? undefined : integer(row, "key");
  }

  /** The texts of a library's chunks with keys greater than one, in order, until they have this many characters. */
  textsAfter(library: number, after: number, limit: number, characters: number): readonly ChunkToEmbed[] {
    const found: ChunkToEmbed[] = [];
    let total = 0;
    for (const row of this.#textsAfter.iterate(library, after, limit)) {
      const one = { key: integer(row, "key"), text: text(row, "text"), documentId: text(row, "document_id") };
      found.push(one);
      total += one.text.length;
      if (total >= characters) break;
    }
    return found;
  }

  /** Whether there is such a chunk in the library. */
  has(library: number, key: number): boolean {
    return this.#has.get(key, library) !== undefined;
  }

  /** The keys of a document's chunks. */
  keysOfDocument(document: number): readonly number[] {
    return this.#keysOfDocument.all(document).map((row) => integer(row, "key"));
  }

  /** Removes the chunks of a document; returns their keys. */
  removeOfDocument(document: number): readonly number[] {
    const keys = this.keysOfDocument(document);
    for (const key of keys) this.#removeVectors(key);
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

  /** @param space with it, the chunks have their vectors of this space */
  ofDocument(document: number, space: number | undefined): Document["chunks"] {
    return this.#ofDocument.all(document).map((row) => ({
      id: text(row, "id"),
      chunk_index: integer(row, "chunk_index"),
      text: text(row, "text"),
      page_number: nullableInteger(row, "page_number"),
      metadata: metadataColumn.decode(text(row, "metadata")),
      ...(space === undefined ? {} : { embedding: this.#base64(integer(row, "key"), space) }),
    }));
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

  #base64(key: number, space: number): string {
    const found = this.inSpace(space).base64(key);
    if (found === undefined) throw new Error(`Chunk ${key} has no vector`);
    return found;
  }

  /** A library that is re-embedded has vectors in both spaces. */
  #removeVectors(key: number): void {
    this.#even.remove(key);
    this.#odd.remove(key);
  }

  /** Deletes some chunks of a deleted library; returns how many. */
  purge(library: number, limit: number): number {
    const keys = this.#purgeKeys.all(library, limit).map((row) => integer(row, "key"));
    for (const key of keys) {
      this.#removeVectors(key);
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
