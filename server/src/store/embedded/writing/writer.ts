import { ArrwError } from "@arrwdb/protocol/errors";
import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events";
import { defaultLanguage, type DocumentSummary, type Library } from "@arrwdb/protocol/model";
import { v7 as uuidv7 } from "uuid";
import { paired } from "../../../util/paired.ts";
import type { NewDocument, NewLibrary, ResumableUpload, WriteOutcome, WrittenDocument } from "../../store.ts";
import { duplicateId } from "./duplicate-id.ts";
import type { EventClock } from "./event-clock.ts";
import type { LibraryRow } from "../../engine/rows/libraries-table.ts";
import type { IndexChange } from "../../engine/rows/index-change.ts";
import type { Operations } from "./writer-messages.ts";
import type { Tables } from "../tables/tables.ts";
import type { Uploads } from "./uploads.ts";

type Change = Pick<LibraryEvent, "type" | "data">;

/** Distributes over the event types, so that a type keeps its own data. */
type EventContent = LibraryEvent extends infer Event
  ? Event extends Change
    ? Pick<Event, "type" | "data">
    : never
  : never;

/** The changes of one transaction. Rows are written at once; events and index changes are collected for after the commit. */
export class Writer {
  readonly #tables: Tables;
  readonly #uploads: Uploads;
  readonly #now = new Date();
  readonly #timestamp = this.#now.toISOString();
  readonly #clock: EventClock;
  readonly events: LibraryEvent[] = [];
  readonly indexChanges: IndexChange[] = [];

  constructor(tables: Tables, uploads: Uploads, clock: EventClock) {
    this.#tables = tables;
    this.#uploads = uploads;
    this.#clock = clock;
  }

  createLibrary({ name, description, embeddingModel, dimension, language, index, events }: NewLibrary): Library {
    const library: Library = {
      id: uuidv7(),
      name,
      description,
      embedding_model: embeddingModel,
      dimension,
      language: language ?? defaultLanguage,
      index: index ?? { type: "auto" },
      events,
      created_at: this.#timestamp,
      num_documents: 0,
      num_chunks: 0,
      seq: 1,
    };
    const key = this.#tables.libraries.insert(library);
    this.#record({ key, library }, { type: "library.created", data: library });
    return library;
  }

  updateLibrary({ id, patch }: Operations["updateLibrary"]["take"]): Library {
    const { key, library } = this.#tables.libraries.find(id);
    const updated: Library = {
      ...library,
      name: patch.name ?? library.name,
      description: patch.description === undefined ? library.description : patch.description,
      index: patch.index ?? library.index,
      events: { ...library.events, ...patch.events },
      seq: library.seq + 1,
    };
    this.#tables.libraries.update(key, updated);
    this.#record({ key, library: updated }, { type: "library.updated", data: updated });
    this.indexChanges.push({ row: { key, library: updated }, added: [], removed: [], dropped: false });
    return updated;
  }

  deleteLibrary(id: string): number {
    const row = this.#tables.libraries.find(id);
    const library = { ...row.library, seq: row.library.seq + 1 };
    this.#tables.libraries.markDeleted(row.key, library.seq);
    this.#record({ key: row.key, library }, { type: "library.deleted", data: { id } });
    this.indexChanges.push({ row, added: [], removed: [], dropped: true });
    return library.seq;
  }

  writeDocuments(libraryId: string, documents: readonly NewDocument[]): readonly WriteOutcome[] {
    return documents.map((document) => {
      try {
        return this.#writeOnce(libraryId, document);
      } catch (error) {
        // Refused before a row was touched; anything else is for the transaction to end.
        if (error instanceof ArrwError) return { error };
        throw error;
      }
    });
  }

  beginUpload(libraryId: string, idempotencyKey: string): ResumableUpload {
    const { key } = this.#tables.libraries.find(libraryId);
    return this.#uploads.begin(key, idempotencyKey, this.#now);
  }

  deleteDocument(libraryId: string, documentId: string): number {
    const row = this.#tables.libraries.find(libraryId);
    const document = this.#tables.documents.find(row.key, documentId);
    if (document === undefined) throw new ArrwError("document_not_found", `The library has no document ${documentId}`);
    const removed = this.#removeChunks(row, document.key);
    this.#tables.documents.remove(document.key);
    const library = this.#advance(row, -1, -removed.length);
    const { id, title, author, document_type, source_url, tags, metadata } = document.summary;
    const data = { document_id: id, title, author, document_type, source_url, tags, metadata };
    this.#record({ key: row.key, library }, { type: "document.deleted", data });
    this.indexChanges.push({ row, added: [], removed, dropped: false });
    return library.seq;
  }

  recordSearch(libraryId: string, search: SearchPerformed): number {
    const row = this.#tables.libraries.find(libraryId);
    const library = this.#advance(row, 0, 0);
    this.#record({ key: row.key, library }, { type: "search.performed", data: search });
    return library.seq;
  }

  /** A line that has its receipt is answered from it; another one is written and has its receipt from then on. */
  #writeOnce(libraryId: string, input: NewDocument): WriteOutcome {
    const row = this.#tables.libraries.find(libraryId);
    const place = this.#uploads.place(row.key, input, this.#now);
    const replayed = place?.replay();
    if (replayed !== undefined) return { replayed };
    place?.checkNew(input.id);
    const value = this.#writeDocument(row, input);
    place?.keep(value.document);
    return { value };
  }

  #writeDocument(row: LibraryRow, input: NewDocument): WrittenDocument {
    const before = input.id === undefined ? undefined : this.#tables.documents.find(row.key, input.id);
    checkDimension(row.library, input);
    if (before !== undefined && input.uploadId !== undefined && before.uploadId === input.uploadId) {
      throw duplicateId(before.summary.id);
    }
    const timestamp = this.#clock.at(row.key, this.#timestamp);
    const document: DocumentSummary = {
      id: input.id ?? uuidv7(),
      title: input.title,
      author: input.author,
      document_type: input.documentType,
      source_url: input.sourceUrl,
      tags: [...input.tags],
      metadata: input.metadata,
      num_chunks: input.chunks.length,
      created_at: before?.summary.created_at ?? timestamp,
      updated_at: timestamp,
      seq: row.library.seq + 1,
    };
    const removed = before === undefined ? [] : this.#removeChunks(row, before.key);
    const key = this.#put(row.key, document, before?.key, input.uploadId);
    const keys = this.#insertChunks(row, key, input);
    const library = this.#advance(row, before === undefined ? 1 : 0, keys.length - removed.length);
    const data = { ...document, document_id: document.id };
    this.#record(
      { key: row.key, library },
      { type: before === undefined ? "document.added" : "document.updated", data },
    );
    const added = paired(input.chunks, keys, "The table of chunks").map(([{ vector }, chunk]) => ({
      key: chunk,
      vector,
    }));
    this.indexChanges.push({ row, added, removed, dropped: false });
    return { document, created: before === undefined };
  }

  #insertChunks({ key, library }: LibraryRow, document: number, { title, chunks }: NewDocument): readonly number[] {
    const keys = this.#tables.chunks.insert(key, document, chunks);
    const texts = new Map(paired(keys, chunks, "The document").map(([chunk, { text }]) => [chunk, text]));
    this.#tables.texts.insert({ key, language: library.language }, title, texts);
    return keys;
  }

  #removeChunks({ key }: LibraryRow, document: number): readonly number[] {
    const removed = this.#tables.chunks.removeOfDocument(document);
    this.#tables.texts.remove(key, removed);
    return removed;
  }

  #put(library: number, document: DocumentSummary, key: number | undefined, uploadId: string | undefined): number {
    if (key === undefined) return this.#tables.documents.insert(library, document, uploadId);
    this.#tables.documents.replace(key, document, uploadId);
    return key;
  }

  /** The library one change further. */
  #advance({ key, library }: LibraryRow, documents: number, chunks: number): Library {
    const next = {
      ...library,
      num_documents: library.num_documents + documents,
      num_chunks: library.num_chunks + chunks,
      seq: library.seq + 1,
    };
    this.#tables.libraries.update(key, next);
    return next;
  }

  #record({ key, library }: LibraryRow, content: EventContent): void {
    const timestamp = this.#clock.at(key, this.#timestamp);
    const event: LibraryEvent = { ...content, library_id: library.id, seq: library.seq, timestamp };
    this.#tables.events.insert(key, event);
    this.events.push(event);
  }
}

function checkDimension(library: Library, input: NewDocument): void {
  const wrong = input.chunks.findIndex(({ vector }) => vector.length !== library.dimension);
  const length = input.chunks[wrong]?.vector.length;
  if (length === undefined) return;
  const field = `chunks[${wrong}].embedding`;
  const message = `${field}: has ${length} numbers, but the library's dimension is ${library.dimension}`;
  throw new ArrwError("dimension_mismatch", message, { field });
}
