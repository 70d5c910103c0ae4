import type { Expiry } from "@arrwdb/protocol/documents/expiry";
import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import type { Document, DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { DocumentSort } from "./document-sort.ts";
import type { Page, PageRequest } from "./page.ts";
import type { Settled } from "./settled-outcome.ts";
import type { StoredReceipt, UploadLine } from "./upload-store.ts";

export interface NewChunk {
  readonly text: string;
  readonly pageNumber: number | null;
  readonly metadata: Metadata;
  /** Unit vector of the library's dimension. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** The library's model, if it has made the vector; undefined if the client has sent it. */
  readonly model?: string | undefined;
}

export interface NewDocument {
  /** Id chosen by the client, or undefined to generate one. An existing document with this id is replaced as a whole. */
  readonly id: string | undefined;
  readonly title: string;
  /** Whether the server made the title, as the client gave none. */
  readonly titleGenerated: boolean;
  readonly author: string | null;
  readonly documentType: string | null;
  readonly sourceUrl: string | null;
  readonly tags: readonly string[];
  readonly metadata: Metadata;
  /** When it expires; never if undefined. An instant that has passed is refused with `validation_failed`. */
  readonly expiry?: Expiry | undefined;
  /**
   * The `seq` that the document must have for the write, or 0 if there must be none with its id; otherwise it fails with
   * `seq_mismatch`.
   */
  readonly ifSeq?: number | undefined;
  /** At least one. */
  readonly chunks: readonly NewChunk[];
  /**
   * The upload that the document belongs to. A second document with the same id in the same upload fails
   * with `duplicate_id`.
   */
  readonly uploadId?: string | undefined;
  /** The line of an upload from `beginUpload`; the receipt is stored under it. */
  readonly uploadLine?: UploadLine | undefined;
}

export interface WrittenDocument {
  readonly document: DocumentSummary;
  /** Whether the document was created; otherwise it was replaced. */
  readonly created: boolean;
}

/** A line that was already committed is not written again: its first receipt is returned. */
export type WriteOutcome = Settled<WrittenDocument> | { readonly replayed: StoredReceipt };

/** A JSON merge patch (RFC 7386) of a document's fields; undefined ones stay. */
export interface DocumentPatch {
  /** Null has it made from the first text. */
  readonly title?: string | null | undefined;
  readonly author?: string | null | undefined;
  readonly documentType?: string | null | undefined;
  readonly sourceUrl?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  /** When it expires from now on; never if null. */
  readonly expiry?: Expiry | null | undefined;
  /** Whether all custom metadata is removed, before `metadata` is merged into it. */
  readonly clearsMetadata: boolean;
  readonly metadata: Metadata;
}

export interface PatchedDocument {
  readonly document: DocumentSummary;
  /** The library's position: the document's, if the patch has changed it. */
  readonly seq: number;
}

/** Options for reading a document. */
export interface DocumentParts {
  /** Include each chunk's vector, as base64 of little-endian float32. */
  readonly vectors?: boolean | undefined;
}

/** Documents that pass a filter on their own fields, as of events. */
export interface DocumentSelection {
  /** Undefined selects all. */
  readonly filter?: Filter | undefined;
  /** The client, for fair queueing. */
  readonly caller?: string | undefined;
}

export interface DocumentCount {
  readonly documents: number;
  /** Number of chunks of these documents. */
  readonly chunks: number;
  /** The library's position as of which they were counted. */
  readonly seq: number;
}

/** A part of a deletion by filter that is durable. */
export interface PatchedSlice {
  /** Number of documents changed so far, and of those that cannot take the patch and stay as they are. */
  readonly patched: number;
  readonly failed: number;
  /** The library's position after the last of them. */
  readonly seq: number;
}

export interface DeletedSlice {
  /** Number of documents that the deletion has removed so far. */
  readonly deleted: number;
  /** The library's position after the last of them, or at the start. */
  readonly seq: number;
}

export interface FoundDocuments {
  readonly documents: readonly DocumentSummary[];
  readonly missing: readonly string[];
  readonly seq: number;
}

/** A page of documents. Its cursor belongs to one library, filter and order. */
export interface DocumentListing extends DocumentSelection, PageRequest {
  /** Insertion order if undefined. */
  readonly sort?: DocumentSort | undefined;
}

/**
 * Documents of libraries. A document that expires is in no result of a call made at its instant or later, also of the other
 * stores; it is deleted with the event `document.expired`.
 */
export interface DocumentStore {
  /**
   * Writes documents in order, each as a change of its own. When it resolves, those that succeeded are durable and visible
   * to searches and `get`, and their events are stored. Each document is written atomically, and a failed one does not
   * affect the others.
   *
   * A document with an `uploadLine` is written together with its receipt. If the line already has a receipt, nothing is
   * written: the outcome is that receipt, or `idempotency_conflict` if the content of the line differs.
   */
  write(libraryId: string, documents: readonly NewDocument[]): Promise<readonly WriteOutcome[]>;
  /**
   * Changes a document's fields; its chunks stay as they are, with their ids and vectors. When it resolves, the change is
   * durable and visible to searches and `get`, and its event is stored. A patch that changes nothing is no change of the
   * library.
   *
   * @param ifSeq the `seq` that the document must have
   * @throws ArrwError `document_not_found`, `seq_mismatch`, or `validation_failed` if the merged metadata is too large
   */
  patch(libraryId: string, documentId: string, patch: DocumentPatch, ifSeq?: number): Promise<PatchedDocument>;
  /**
   * Returns the seq of the change.
   *
   * @param ifSeq the `seq` that the document must have
   * @throws ArrwError `document_not_found`, `seq_mismatch`
   */
  delete(libraryId: string, documentId: string, ifSeq?: number): Promise<number>;
  /**
   * Deletes the documents that pass and were not written after the call, in the order of their last writes. Each is a change
   * of its own; those of a slice share a transaction of bounded time. A slice begins when the previous one is taken, so
   * whoever stops taking them stops the deletion; what is deleted stays so. There is at least one slice, which may be empty.
   * Called again, it goes on.
   */
  deleteMatching(
    libraryId: string,
    selection: DocumentSelection,
    signal?: AbortSignal,
  ): AsyncGenerator<DeletedSlice, void>;
  /** Patches the documents that pass, in slices as `deleteMatching`. One that cannot take the patch does not stop the others. */
  patchMatching(
    libraryId: string,
    selection: DocumentSelection,
    patch: DocumentPatch,
    signal?: AbortSignal,
  ): AsyncGenerator<PatchedSlice, void>;
  /** The document as of the returned position. @throws ArrwError `document_not_found` */
  get(
    libraryId: string,
    documentId: string,
    parts?: DocumentParts,
  ): Promise<{ readonly document: Document; readonly seq: number }>;
  /**
   * Each page as of its own position. With an order by a field, a document that is written between two pages may be in both
   * or in neither.
   *
   * @throws ArrwError `invalid_cursor`
   */
  list(libraryId: string, listing: DocumentListing, signal?: AbortSignal): Promise<Page<DocumentSummary>>;
  /** The documents with these ids, in this order, and the ids that no document has. */
  find(libraryId: string, ids: readonly string[]): Promise<FoundDocuments>;
  /** Exactly. Sees every write that had resolved before the call, like `list`. */
  count(libraryId: string, selection: DocumentSelection, signal?: AbortSignal): Promise<DocumentCount>;
}
