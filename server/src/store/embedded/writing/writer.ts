import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events/events";
import { defaultLanguage, type DocumentSummary, type Library } from "@arrwdb/protocol/documents/model";
import type { Expiry } from "@arrwdb/protocol/documents/expiry";
import { v7 as uuidv7 } from "uuid";
import type { RowChanges } from "../../engine/changes/row-writer.ts";
import type {
  DocumentPatch,
  NewDocument,
  PatchedDocument,
  WriteOutcome,
  WrittenDocument,
} from "../../document-store.ts";
import { patchSummary } from "../../patch-summary.ts";
import type { NewLibrary } from "../../library-store.ts";
import type { ResumableUpload } from "../../upload-store.ts";
import { documentNotFound, duplicateId } from "./document-errors.ts";
import { checkSeq } from "./check-seq.ts";
import type { EventClock } from "./event-clock.ts";
import { checkModel } from "../../engine/rows/check-model.ts";
import type { LibraryRow } from "../../engine/rows/libraries-table.ts";
import type { IndexChange } from "../../engine/changes/index-change.ts";
import type { DocumentRow } from "../../engine/rows/documents-table.ts";
import { Slice } from "../../../scheduling/slice.ts";
import type { DeletedDocuments, Operations, PatchedDocuments } from "./writer-messages.ts";
import type { ChunksTable } from "../../engine/rows/chunks-table.ts";
import type { DocumentsTable } from "../../engine/rows/documents-table.ts";
import type { LibrariesTable } from "../../engine/rows/libraries-table.ts";
import type { EventsTable } from "../tables/events-table.ts";
import type { UploadPlace, Uploads } from "./uploads.ts";

/** Milliseconds of a slice of deletions or patches. Committing them, and removing them from the indexes, costs as much again. */
const matchingTime = 3;

type Change = Pick<LibraryEvent, "type" | "data">;

interface TimedPatch {
  readonly patch: DocumentPatch;
  /** Undefined if it stays. */
  readonly expiresAt: string | null | undefined;
}

/** Distributes over the event types, so that each type keeps its own data. */
type EventContent = LibraryEvent extends infer Event
  ? Event extends Change
    ? Pick<Event, "type" | "data">
    : never
  : never;

/** What a decision reads, as of its transaction, and where it goes: tables, or what stands for them. */
export interface WriterParts {
  readonly tables: {
    readonly libraries: Pick<LibrariesTable, "find" | "peek" | "named">;
    readonly documents: Pick<DocumentsTable, "find" | "writtenAt" | "firstExpired">;
    readonly chunks: Pick<ChunksTable, "firstText">;
    readonly events: Pick<EventsTable, "insert">;
  };
  readonly rows: RowChanges;
  readonly uploads: Pick<Uploads, "begin"> & {
    place(...line: Parameters<Uploads["place"]>): Pick<UploadPlace, "replay" | "checkNew" | "keep"> | undefined;
  };
  readonly clock: Pick<EventClock, "at">;
  /** The time of the transaction. */
  readonly now: Date;
}

/**
 * Decides the changes of one transaction: ids, times, positions and events. `RowWriter` applies them. Rows are written
 * immediately; events and index changes are collected until after the commit.
 */
export class Writer {
  readonly #tables: WriterParts["tables"];
  readonly #rows: WriterParts["rows"];
  readonly #uploads: WriterParts["uploads"];
  readonly #now: Date;
  readonly #timestamp: string;
  readonly #clock: WriterParts["clock"];
  readonly events: LibraryEvent[] = [];
  /** The first instant, in milliseconds, at which a document written here expires, by library. */
  readonly expiries = new Map<string, number>();
  /** Libraries whose expired documents were looked for. */
  readonly expired = new Set<string>();

  constructor({ tables, rows, uploads, clock, now }: WriterParts) {
    this.#tables = tables;
    this.#rows = rows;
    this.#uploads = uploads;
    this.#clock = clock;
    this.#now = now;
    this.#timestamp = now.toISOString();
  }

  get indexChanges(): readonly IndexChange[] {
    return this.#rows.indexChanges;
  }

  createLibrary({
    name,
    description,
    embeddingModel,
    dimension,
    language,
    index,
    events,
    uniqueName,
  }: NewLibrary): Library {
    if (uniqueName === true) this.#checkFree(name);
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
    this.#record(this.#rows.createLibrary(library), { type: "library.created", data: library });
    return library;
  }

  updateLibrary({ id, patch }: Operations["updateLibrary"]["take"]): Library {
    const row = this.#tables.libraries.find(id);
    const { library } = row;
    if (patch.uniqueName === true && patch.name !== undefined) this.#checkFree(patch.name, id);
    const updated: Library = {
      ...library,
      name: patch.name ?? library.name,
      description: patch.description === undefined ? library.description : patch.description,
      index: patch.index ?? library.index,
      events: { ...library.events, ...patch.events },
      seq: library.seq + 1,
    };
    this.#record(this.#rows.updateLibrary({ ...row, library: updated }), { type: "library.updated", data: updated });
    return updated;
  }

  /** @throws ArrwError `name_taken` if another library has the name */
  #checkFree(name: string, own?: string): void {
    const taken = this.#tables.libraries.named(name).find((id) => id !== own);
    if (taken === undefined) return;
    const message = `name: "${cut(name)}" is the name of the library ${taken}; choose another, or omit unique_name`;
    throw new ArrwError("name_taken", message, { field: "name" });
  }

  /** The library has been changed to this. */
  updated(row: LibraryRow): void {
    this.#record(row, { type: "library.updated", data: row.library });
  }

  deleteLibrary(id: string): number {
    const row = this.#tables.libraries.find(id);
    return this.#record(this.#rows.deleteLibrary(row, row.library.seq + 1), { type: "library.deleted", data: { id } });
  }

  writeDocuments(libraryId: string, documents: readonly NewDocument[]): readonly WriteOutcome[] {
    return documents.map((document) => {
      try {
        return this.#writeOnce(libraryId, document);
      } catch (error) {
        // Refused before a row was touched; any other error fails the transaction.
        if (error instanceof ArrwError) return { error };
        throw error;
      }
    });
  }

  beginUpload(libraryId: string, idempotencyKey: string): ResumableUpload {
    const { key } = this.#tables.libraries.find(libraryId);
    return this.#uploads.begin(key, idempotencyKey, this.#now);
  }

  patchDocument({ libraryId, documentId, patch, ifSeq }: Operations["patchDocument"]["take"]): PatchedDocument {
    const row = this.#tables.libraries.find(libraryId);
    const before = this.#tables.documents.find(row.key, documentId);
    if (before === undefined) throw documentNotFound(documentId);
    checkSeq(ifSeq, documentId, before.summary.seq);
    return this.#patchDocument(row, before, this.#timed(libraryId, patch));
  }

  /** Patches documents by the positions of their last writes, for some milliseconds, as `deleteDocuments`. */
  patchDocuments({ libraryId, seqs, patch }: Operations["patchDocuments"]["take"]): PatchedDocuments {
    const row = this.#tables.libraries.find(libraryId);
    const timed = this.#timed(libraryId, patch);
    let [patched, failed] = [0, 0];
    const slice = this.#eachWrittenAt(row, seqs, (current, document) => {
      try {
        if (this.#patchDocument(current, document, timed).document !== document.summary) patched++;
      } catch (error) {
        // It stays as it is.
        if (!(error instanceof ArrwError)) throw error;
        failed++;
      }
    });
    return { ...slice, patched, failed };
  }

  /** @throws ArrwError `validation_failed` if it expires in the past */
  #timed(libraryId: string, patch: DocumentPatch): TimedPatch {
    const { expiry } = patch;
    return { patch, expiresAt: expiry === undefined ? undefined : this.#expiresAt(libraryId, expiry) };
  }

  #patchDocument(row: LibraryRow, before: DocumentRow, { patch, expiresAt }: TimedPatch): PatchedDocument {
    const patched = patchSummary(before.summary, patch, {
      firstText: () => this.#tables.chunks.firstText(before.key),
      expiresAt: expiresAt === undefined ? before.summary.expires_at : expiresAt,
    });
    if (patched === undefined) return { document: before.summary, seq: row.library.seq };
    const seq = row.library.seq + 1;
    const document = { ...patched, updated_at: this.#clock.at(row.key, this.#timestamp), seq };
    this.#record(this.#rows.patchDocument(row, before, document), {
      type: "document.updated",
      data: { ...document, document_id: document.id },
    });
    return { document, seq };
  }

  deleteDocument(libraryId: string, documentId: string, ifSeq: number | undefined): number {
    const row = this.#tables.libraries.find(libraryId);
    const document = this.#tables.documents.find(row.key, documentId);
    if (document === undefined) throw documentNotFound(documentId);
    checkSeq(ifSeq, documentId, document.summary.seq);
    return this.#deleteDocument(row, document);
  }

  /** Deletes documents by the positions of their last writes, for some milliseconds. */
  deleteDocuments(libraryId: string, seqs: readonly number[]): DeletedDocuments {
    let deleted = 0;
    const slice = this.#eachWrittenAt(this.#tables.libraries.find(libraryId), seqs, (row, document) => {
      this.#deleteDocument(row, document);
      deleted++;
    });
    return { ...slice, deleted };
  }

  /**
   * Writes to documents by the positions of their last writes, for some milliseconds. One that was written or deleted since
   * it was selected has no longer this position; one that has it is as it was, so it needs no further check.
   *
   * @returns how many positions were taken, and the library's after them
   */
  #eachWrittenAt(
    library: LibraryRow,
    seqs: readonly number[],
    write: (row: LibraryRow, document: DocumentRow) => void,
  ): { readonly taken: number; readonly seq: number } {
    const slice = new Slice(matchingTime);
    let row = library;
    let taken = 0;
    for (const seq of seqs) {
      if (taken > 0 && slice.over) break;
      taken++;
      const document = this.#tables.documents.writtenAt(row.key, seq);
      if (document === undefined) continue;
      write(row, document);
      row = this.#tables.libraries.find(library.library.id);
    }
    return { taken, seq: row.library.seq };
  }

  #deleteDocument(row: LibraryRow, document: DocumentRow): number {
    return this.#record(this.#rows.deleteDocument(row, document, row.library.seq + 1), {
      type: "document.deleted",
      data: lastOf(document.summary),
    });
  }

  /**
   * Deletes documents of a library that had expired at an instant, as many as fit into the slice, and at least one.
   *
   * @returns whether there are more
   */
  expireDocuments(libraryId: string, until: number, slice: Slice): boolean {
    this.expired.add(libraryId);
    for (;;) {
      const row = this.#tables.libraries.peek(libraryId);
      const document = row === undefined ? undefined : this.#tables.documents.firstExpired(row.key, until);
      if (row === undefined || document === undefined) return false;
      const { expires_at } = document.summary;
      this.#record(this.#rows.deleteDocument(row, document, row.library.seq + 1), {
        type: "document.expired",
        data: { ...lastOf(document.summary), expires_at: expires_at ?? this.#timestamp },
      });
      if (slice.over) return true;
    }
  }

  recordSearch(libraryId: string, search: SearchPerformed): number {
    const row = this.#tables.libraries.find(libraryId);
    return this.#record(this.#rows.advance(row, row.library.seq + 1), { type: "search.performed", data: search });
  }

  /** A line with a receipt returns it; another line is written together with its receipt. */
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
    checkSeq(input.ifSeq, input.id, before?.summary.seq ?? 0);
    const timestamp = this.#clock.at(row.key, this.#timestamp);
    const document: DocumentSummary = {
      id: input.id ?? uuidv7(),
      title: input.title,
      title_generated: input.titleGenerated,
      author: input.author,
      document_type: input.documentType,
      source_url: input.sourceUrl,
      tags: [...input.tags],
      metadata: input.metadata,
      num_chunks: input.chunks.length,
      created_at: before?.summary.created_at ?? timestamp,
      updated_at: timestamp,
      expires_at: this.#expiresAt(row.library.id, input.expiry ?? null),
      seq: row.library.seq + 1,
    };
    const content = { summary: document, chunks: input.chunks, uploadId: input.uploadId };
    this.#record(this.#rows.putDocument(row, content, before), {
      type: before === undefined ? "document.added" : "document.updated",
      data: { ...document, document_id: document.id },
    });
    return { document, created: before === undefined };
  }

  #expiresAt(libraryId: string, expiry: Expiry | null): string | null {
    if (expiry === null) return null;
    const now = this.#now.getTime();
    const at = "at" in expiry ? Date.parse(expiry.at) : now + expiry.afterSeconds * 1_000;
    if (at <= now) {
      throw new ArrwError("validation_failed", "expires_at: has passed already; set a later time, or omit it", {
        field: "expires_at",
      });
    }
    this.expiries.set(libraryId, Math.min(at, this.expiries.get(libraryId) ?? Infinity));
    return new Date(at).toISOString();
  }

  /** Returns the event's position. */
  #record({ key, library }: LibraryRow, content: EventContent): number {
    const timestamp = this.#clock.at(key, this.#timestamp);
    const event: LibraryEvent = { ...content, library_id: library.id, seq: library.seq, timestamp };
    this.#tables.events.insert(key, event);
    this.events.push(event);
    return library.seq;
  }
}

/** What the event of its end says of a document. */
function lastOf(summary: DocumentSummary) {
  const { id, title, title_generated, author, document_type, source_url, tags, metadata } = summary;
  return { document_id: id, title, title_generated, author, document_type, source_url, tags, metadata };
}

function checkDimension(library: Library, input: NewDocument): void {
  for (const { model, vector } of input.chunks) checkModel(library, model, vector);
  const wrong = input.chunks.findIndex(({ vector }) => vector.length !== library.dimension);
  const length = input.chunks[wrong]?.vector.length;
  if (length === undefined) return;
  const field = `chunks[${wrong}].embedding`;
  const message = `${field}: has dimension ${length}, but the library's dimension is ${library.dimension}`;
  throw new ArrwError("dimension_mismatch", message, { field });
}
