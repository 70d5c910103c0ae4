import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events";
import type { Filter } from "@arrwdb/protocol/filter";
import type { Metadata } from "@arrwdb/protocol/metadata";
import type {
  Document,
  DocumentSummary,
  EventSettings,
  IndexSettings,
  Library,
  TextLanguage,
} from "@arrwdb/protocol/model";
import type { SearchExplanation } from "@arrwdb/protocol/explanation";
import type { RankedHit, SearchHit } from "@arrwdb/protocol/search";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";

export interface NewLibrary {
  readonly name: string;
  readonly description: string | null;
  readonly embeddingModel: string;
  readonly dimension: number;
  /** `en` where it is undefined. */
  readonly language?: TextLanguage | undefined;
  /** `auto` where it is not given. */
  readonly index?: IndexSettings | undefined;
  readonly events: EventSettings;
}

/** What of a library can change; what is undefined stays as it is. */
export interface LibraryPatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** Another one is made in the background, and takes over when it is ready. */
  readonly index?: IndexSettings | undefined;
  readonly events?: Partial<EventSettings> | undefined;
}

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

/** A line of an upload that can be sent again. */
export interface UploadLine {
  /** From 1. */
  readonly line: number;
  /** SHA-256 of the line as it was sent. */
  readonly hash: Uint8Array;
}

export interface WrittenDocument {
  readonly document: DocumentSummary;
  /** Whether the id was new; otherwise the document was replaced. */
  readonly created: boolean;
}

/** One outcome of several: what is asked for together fails apart. */
export type Settled<Value> = { readonly value: Value } | { readonly error: Error };

/** A line that was committed before is not written again: its first receipt is the answer. */
export type WriteOutcome = Settled<WrittenDocument> | { readonly replayed: StoredReceipt };

interface Searching {
  /** 1 to 1,000 hits at most. */
  readonly k: number;
  readonly filter?: Filter | undefined;
  /** Whether the answer should tell how it was found. */
  readonly explain?: boolean | undefined;
  /** Who asks. Where searches wait, callers take turns; those without one share one. */
  readonly caller?: string | undefined;
}

/** By the direction of a vector: the nearest chunks. */
export interface VectorSearch extends Searching {
  readonly mode?: "vector" | undefined;
  /** Of the library's dimension, at length 1. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** The greatest distance of a hit, itself included; up to 2⁻²¹ beyond it counts too, as lengths are 1 but for rounding. */
  readonly maxDistance?: number | undefined;
  /** Whether an estimate will not do. */
  readonly exact?: boolean | undefined;
}

/** By words: the chunks that hold some of them, those that say most about them first (BM25). */
export interface TextSearch extends Searching {
  readonly mode: "text";
  readonly text: string;
}

/** By both: hits are those of either, ordered by what both say. */
export interface HybridSearch extends Omit<VectorSearch, "mode">, Omit<TextSearch, "mode"> {
  readonly mode: "hybrid";
  /** How much of a hit's score its vector gives, from 0 to 1; its words give the rest. */
  readonly vectorWeight: number;
}

export type StoreSearch = VectorSearch | TextSearch | HybridSearch;

export interface StoreHits<Hit extends RankedHit = SearchHit> {
  /** The best first: nearest, or of the highest score. Equal ones in the order in which the chunks were added. */
  readonly hits: readonly Hit[];
  /** Whether no other chunk that passes the filter can be nearer; otherwise the hits are an approximation. */
  readonly exact: boolean;
  /** The library's position that the answer shows. */
  readonly seq: number;
}

/** The answer to one search. Its hits are text already, for whoever sends them on; `hits` reads that when it is looked at. */
export interface SearchAnswer<Hit extends RankedHit = RankedHit> extends StoreHits<Hit> {
  /** The hits as a JSON array. */
  readonly hitsJson: string;
  /** How many they are. */
  readonly count: number;
  readonly explanation?: SearchExplanation | undefined;
}

/** What a standing search begins with, and how to end it. */
export interface Standing {
  readonly first: StoreHits;
  /** No call of the listener follows. */
  readonly end: () => void;
}

/**
 * Is told the whole hits as they are now. An error, such as hits that became more than one answer may hold, is the last
 * call. Must not throw.
 */
export type StandingListener = (update: Settled<StoreHits>) => void;

/** An upload that can be sent again. */
export interface ResumableUpload {
  /** The same for each time that it is sent, and for no other upload. */
  readonly uploadId: string;
}

/** What was answered to a line that was committed. */
export interface StoredReceipt extends UploadLine {
  readonly documentId: string;
  readonly title: string;
  readonly numChunks: number;
  readonly seq: number;
}

export interface ReceiptRange {
  readonly uploadId: string;
  readonly afterLine: number;
  readonly limit: number;
}

export interface Events {
  readonly events: readonly LibraryEvent[];
  /** The library's position. */
  readonly seq: number;
  /** The earliest position after which all events are kept. */
  readonly earliestSeq: number;
}

export interface EventRange {
  readonly afterSeq: number;
  readonly limit: number;
  /** Characters of JSON at which the answer ends early, though with one event at least. */
  readonly maxCharacters?: number | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to ask for to go on, or null at the end. */
  readonly nextCursor: string | null;
  /** The library's position; 0 for a list of libraries. */
  readonly seq: number;
}

/** What a document is read with. */
export interface DocumentParts {
  /** Each chunk's vector too, as base64 of little-endian float32. */
  readonly vectors?: boolean | undefined;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A document as it is exported: its chunks in their order, and the vector of each. */
export interface ExportedDocument {
  readonly document: Document;
  /** At length 1, as many as the document has chunks. */
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
}

/** A library as it was at one position, given out as fast as it is taken. */
export interface LibraryExport {
  /** Its `seq` is the position that everything is as of. */
  readonly library: Library;
  /**
   * Some documents more, in the order in which they were first added; none at the end. Not to be called twice at a time.
   *
   * @throws ArrwError `slow_reader` where the export has been open for longer than one may be.
   */
  next(): Promise<readonly ExportedDocument[]>;
  /** Gives up what the export holds; to be called however it went. Safe to call twice. */
  end(): void;
}

export type CommitListener = (events: readonly LibraryEvent[]) => void;

/**
 * The one port of the core to data. It assumes neither one process nor one writer: other nodes may write to the same
 * libraries, and their events arrive here too. Every failure is an `ArrwError`: an unknown library is
 * `library_not_found`, whether it never was or was deleted, and a disk that refuses is `storage_full` or
 * `storage_failed`, with nothing of the call written. Readers never see a part of a change.
 */
export interface Store {
  /** Durable when it resolves; the library's first change, `library.created`, has seq 1. */
  createLibrary(library: NewLibrary): Promise<Library>;
  getLibrary(id: string): Promise<Library>;
  /** In the order of creation. */
  listLibraries(page: PageRequest): Promise<Page<Library>>;
  /** One change: `library.updated`. */
  updateLibrary(id: string, patch: LibraryPatch): Promise<Library>;
  /** Deletes the library with all it holds. Its last change, `library.deleted`, is returned by its seq. */
  deleteLibrary(id: string): Promise<number>;

  /**
   * Writes documents, each one change of its own, in their order. When it resolves, those that succeeded are durable, can
   * be found by `search` and `getDocument`, and their events can no longer be lost. Each is written whole or not at all,
   * and one that fails does not hinder the others.
   *
   * A document with an `uploadLine` is written together with its receipt. Where the line has one already, nothing is
   * written: the receipt is the outcome, or `idempotency_conflict` where the line was another one.
   */
  writeDocuments(libraryId: string, documents: readonly NewDocument[]): Promise<readonly WriteOutcome[]>;

  /**
   * Finds the upload with this key in the library, or makes it. Durable when it resolves. One that was not used for 24
   * hours is forgotten with its receipts, and the key begins a new upload; documents of one that is forgotten while it
   * is under way are written without a receipt.
   */
  beginUpload(libraryId: string, idempotencyKey: string): Promise<ResumableUpload>;
  /** Receipts of an upload, in the order of their lines. */
  readReceipts(libraryId: string, range: ReceiptRange): Promise<readonly StoredReceipt[]>;

  /** @throws ArrwError `document_not_found` */
  deleteDocument(libraryId: string, documentId: string): Promise<number>;
  /** The document as of the returned position. @throws ArrwError `document_not_found` */
  getDocument(
    libraryId: string,
    documentId: string,
    parts?: DocumentParts,
  ): Promise<{ readonly document: Document; readonly seq: number }>;
  /** In the order in which the documents were first added. */
  listDocuments(libraryId: string, page: PageRequest): Promise<Page<DocumentSummary>>;

  /**
   * Begins to export a library: all its documents with their vectors as of one position, whatever is written meanwhile,
   * which the export does not hinder. It shows every write that had resolved when it was asked for.
   *
   * @throws ArrwError `overloaded` where as many exports are open as may be.
   */
  exportLibrary(libraryId: string): Promise<LibraryExport>;

  /**
   * The best chunks, never fewer than `k` while so many pass the filter, lie within the distance, and, where the search is
   * by words alone, hold one of these. Sees every write that had resolved when the search was asked for.
   *
   * @param signal ends the wait with its reason, and the search, however far it has come.
   */
  search(libraryId: string, search: VectorSearch, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer>;

  /** How the library is searched, and how well. */
  libraryStatistics(libraryId: string): Promise<LibraryStatistics>;

  /**
   * A search that stands: its hits now, and again after commits that changed them. `first` is an answer as `search` gives
   * it at `first.seq`; then the listener is called with the whole hits at growing positions. Commits may be skipped, as
   * only the newest state counts, but never the last one that changed the hits. Where the library is searched exactly, the
   * hits always are what `search` would answer at their position. Where it is not, the hits of `first` may lack chunks
   * that the library had already, as those of `search` may; every later change is compared exactly, and where deletions
   * leave fewer than `k`, all chunks are.
   *
   * No call comes before `watch` has resolved, after `end()`, when the library's deletion has been told of or answered,
   * or when the store has closed.
   *
   * @throws ArrwError as `search`, and `overloaded` where as many stand as may.
   */
  watch(libraryId: string, search: VectorSearch, listener: StandingListener): Promise<Standing>;

  /**
   * Calls the listener for every change committed from now on, by this node or another: for each library in the order of
   * seq, without gap or duplicate, and not before the change can be found. Returns how to end it. The listener must not throw.
   */
  onCommit(listener: CommitListener): () => void;

  /**
   * Events of a library after a position, in order. For replay and for closing gaps.
   *
   * @throws ArrwError `position_expired` where some of them are no longer kept, `position_ahead` where the library has
   * not come to that position.
   */
  readEvents(libraryId: string, range: EventRange): Promise<Events>;
  /** Makes a search a change of its library: `search.performed`. Returns its seq. */
  recordSearch(libraryId: string, search: SearchPerformed): Promise<number>;

  /**
   * Finishes what is in progress, refuses documents that wait to be written and all that comes after with `shutting_down`,
   * and releases everything. Safe to call twice.
   */
  close(): Promise<void>;
}
