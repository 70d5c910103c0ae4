import type { Metadata } from "@arrwdb/protocol/metadata";
import type { Document, DocumentSummary } from "@arrwdb/protocol/model";
import type { Page, PageRequest } from "./page.ts";
import type { Settled } from "./settled.ts";
import type { StoredReceipt, UploadLine } from "./upload-store.ts";

export interface NewChunk {
  readonly text: string;
  readonly pageNumber: number | null;
  readonly metadata: Metadata;
  /** Of the library's dimension, at length 1. */
  readonly vector: Float32Array<ArrayBuffer>;
}

export interface NewDocument {
  /** The client's own id, or undefined for a new one. One that exists is replaced as a whole. */
  readonly id: string | undefined;
  readonly title: string;
  readonly author: string | null;
  readonly documentType: string | null;
  readonly sourceUrl: string | null;
  readonly tags: readonly string[];
  readonly metadata: Metadata;
  /** At least one. */
  readonly chunks: readonly NewChunk[];
  /**
   * The upload that the document belongs to. A second document with the same id in the same upload fails
   * with `duplicate_id`.
   */
  readonly uploadId?: string | undefined;
  /** Where `beginUpload` gave the upload, the document's place in it; its receipt is kept there. */
  readonly uploadLine?: UploadLine | undefined;
}

export interface WrittenDocument {
  readonly document: DocumentSummary;
  /** Whether the id was new; otherwise the document was replaced. */
  readonly created: boolean;
}

/** A line that was committed before is not written again: its first receipt is the answer. */
export type WriteOutcome = Settled<WrittenDocument> | { readonly replayed: StoredReceipt };

/** What a document is read with. */
export interface DocumentParts {
  /** Each chunk's vector too, as base64 of little-endian float32. */
  readonly vectors?: boolean | undefined;
}

/** The documents of libraries. */
export interface DocumentStore {
  /**
   * Writes documents, each one change of its own, in their order. When it resolves, those that succeeded are durable, can
   * be found by searches and `get`, and their events can no longer be lost. Each is written whole or not at all, and one
   * that fails does not hinder the others.
   *
   * A document with an `uploadLine` is written together with its receipt. If the line has one already, nothing is
   * written: the receipt is the outcome, or `idempotency_conflict` if the line was another one.
   */
  write(libraryId: string, documents: readonly NewDocument[]): Promise<readonly WriteOutcome[]>;
  /** Returns the seq of the change. @throws ArrwError `document_not_found` */
  delete(libraryId: string, documentId: string): Promise<number>;
  /** The document as of the returned position. @throws ArrwError `document_not_found` */
  get(
    libraryId: string,
    documentId: string,
    parts?: DocumentParts,
  ): Promise<{ readonly document: Document; readonly seq: number }>;
  /** In the order in which the documents were first added. */
  list(libraryId: string, page: PageRequest): Promise<Page<DocumentSummary>>;
}
