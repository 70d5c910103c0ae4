import type { Library } from "@arrwdb/protocol/documents/model";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { v7 as uuidv7 } from "uuid";
import type { IdentifiedChunk, ReplicaChange } from "../../engine/changes/replica-step.ts";
import type { DocumentContent, RowChanges } from "../../engine/changes/row-writer.ts";
import type { DocumentRow } from "../../engine/rows/documents-table.ts";
import { libraryNotFound, type LibraryRow } from "../../engine/rows/libraries-table.ts";
import type { LoggedDocument } from "./logged-document.ts";
import type { LoggedLibrary } from "./logged-library.ts";

/** What a transaction has read of a library before it decides. */
export interface KnownRows {
  readonly stored: LoggedLibrary | undefined;
  readonly documents: readonly LoggedDocument[];
  /** First texts of documents, by the position at which these were first added. */
  readonly firstTexts: ReadonlyMap<number, string>;
  /** Documents that have expired, those first that did first. */
  readonly expired: readonly string[];
  /** Ids of other libraries with a name that has to be unique. */
  readonly namesakes: readonly string[];
}

/**
 * The rows of one library while a transaction decides its changes: what was read, and what was decided since. A document's
 * row key is the position at which it was first added.
 */
export class StagedLibrary implements RowChanges {
  readonly indexChanges = [];
  readonly #before: KnownRows;
  readonly #documents: Map<string, LoggedDocument>;
  readonly #bySeq: Map<number, string>;
  readonly #expired: string[];
  #row: LibraryRow | undefined;
  /** Documents written, by id, in the order of their last writes. */
  readonly written = new Map<string, LoggedDocument>();
  readonly removed = new Set<string>();
  /** New chunks by the position of their document's write. */
  readonly chunks = new Map<number, readonly IdentifiedChunk[]>();
  /** Positions of writes whose chunks, stored before, are replaced or deleted. */
  readonly removedChunks: number[] = [];
  /** What the library's replicas do. */
  readonly changes: ReplicaChange[] = [];
  readonly events: LibraryEvent[] = [];

  constructor(state: KnownRows) {
    this.#before = state;
    this.#documents = new Map(state.documents.map((document) => [document.summary.id, document]));
    this.#bySeq = new Map(state.documents.map(({ summary: { id, seq } }) => [seq, id]));
    this.#expired = [...state.expired];
    this.#row = state.stored === undefined ? undefined : rowOf(state.stored.number, state.stored.library);
  }

  /** The library as decided so far; undefined if there is none. */
  get library(): Library | undefined {
    return this.#row?.library;
  }

  readonly libraries = {
    find: (id: string): LibraryRow => {
      const row = this.libraries.peek(id);
      if (row === undefined) throw libraryNotFound(id);
      return row;
    },
    peek: (id: string): LibraryRow | undefined => (this.#row?.library.id === id ? this.#row : undefined),
    named: (): readonly string[] => this.#before.namesakes,
  };

  readonly documents = {
    find: (_library: number, id: string): DocumentRow | undefined => toRow(this.#documents.get(id)),
    writtenAt: (_library: number, seq: number): DocumentRow | undefined => {
      const document = this.#documents.get(this.#bySeq.get(seq) ?? "");
      return document?.summary.seq === seq ? toRow(document) : undefined;
    },
    firstExpired: (): DocumentRow | undefined => {
      for (let id = this.#expired[0]; id !== undefined; id = this.#expired[0]) {
        const document = this.#documents.get(id);
        if (document !== undefined) return toRow(document);
        this.#expired.shift();
      }
      return undefined;
    },
  };

  readonly texts = {
    firstText: (added: number): string => {
      const document = this.#documents.values().find((each) => each.added === added);
      const own = document === undefined ? undefined : this.chunks.get(document.chunksSeq)?.[0];
      return own?.text ?? this.#before.firstTexts.get(added) ?? "";
    },
  };

  readonly eventLog = { insert: (_library: number, event: LibraryEvent): void => void this.events.push(event) };

  createLibrary(library: Library): LibraryRow {
    return this.#moved(rowOf(0, library));
  }

  updateLibrary(row: LibraryRow): LibraryRow {
    return this.#moved(row);
  }

  deleteLibrary(row: LibraryRow, seq: number): LibraryRow {
    const last = { ...row, library: { ...row.library, seq } };
    this.#row = undefined;
    return last;
  }

  putDocument(row: LibraryRow, { summary, chunks, uploadId }: DocumentContent, before?: DocumentRow): LibraryRow {
    const removed = before === undefined ? 0 : this.#removeChunks(before.summary.id);
    const added = before?.key ?? summary.seq;
    const identified = chunks.map((chunk) => ({ ...chunk, id: chunk.id ?? uuidv7() }));
    this.#put({ summary, added, chunksSeq: summary.seq, uploadId: uploadId ?? null });
    this.chunks.set(summary.seq, identified);
    this.changes.push({ type: "put", summary, added, chunks: identified });
    return this.#advance(row, summary.seq, before === undefined ? 1 : 0, identified.length - removed);
  }

  patchDocument(row: LibraryRow, before: DocumentRow, after: LibraryDocument): LibraryRow {
    const stored = this.#documents.get(before.summary.id);
    if (stored === undefined) throw new Error(`Document ${after.id} was not read`);
    this.#put({ ...stored, summary: after });
    this.changes.push({ type: "patch", summary: after });
    return this.#advance(row, after.seq, 0, 0);
  }

  deleteDocument(row: LibraryRow, { summary }: DocumentRow, seq: number): LibraryRow {
    const removed = this.#removeChunks(summary.id);
    this.#documents.delete(summary.id);
    this.written.delete(summary.id);
    this.removed.add(summary.id);
    this.changes.push({ type: "remove", documentId: summary.id, seq });
    return this.#advance(row, seq, -1, -removed);
  }

  advance(row: LibraryRow, seq: number): LibraryRow {
    return this.#advance(row, seq, 0, 0);
  }

  #put(document: LoggedDocument): void {
    const { id, seq } = document.summary;
    this.#documents.set(id, document);
    this.#bySeq.set(seq, id);
    this.written.delete(id);
    this.written.set(id, document);
    this.removed.delete(id);
  }

  /** Returns how many. */
  #removeChunks(id: string): number {
    const document = this.#documents.get(id);
    if (document === undefined) return 0;
    if (!this.chunks.delete(document.chunksSeq)) this.removedChunks.push(document.chunksSeq);
    return document.summary.num_chunks;
  }

  #advance(row: LibraryRow, seq: number, documents: number, chunks: number): LibraryRow {
    const { library } = row;
    const { num_documents, num_chunks } = library;
    const next = { ...library, num_documents: num_documents + documents, num_chunks: num_chunks + chunks, seq };
    return this.#moved({ ...row, library: next });
  }

  #moved(row: LibraryRow): LibraryRow {
    this.#row = row;
    return row;
  }
}

const rowOf = (key: number, library: Library): LibraryRow => ({ key, library, space: 0, next: undefined });

type LibraryDocument = LoggedDocument["summary"];

function toRow(document: LoggedDocument | undefined): DocumentRow | undefined {
  if (document === undefined) return undefined;
  return { key: document.added, uploadId: document.uploadId, summary: document.summary };
}
