import type { MessagePort } from "node:worker_threads";
import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events";
import type { ErrorCode } from "@arrwdb/protocol/errors";
import type { LedgerEntry } from "../../embedding/ledger.ts";
import type { EncodedAnswer } from "./search/encoded-answer.ts";
import type {
  EventRange,
  LibraryPatch,
  NewDocument,
  NewLibrary,
  PageRequest,
  ReceiptRange,
  Store,
  StoredReceipt,
  StoreSearch,
  WrittenDocument,
} from "../store.ts";
import { type WebhookOperations, webhookWrites } from "./webhooks/operations.ts";

/** What the writing thread is started with. */
export interface WriterThreadSettings {
  readonly directory: string;
  readonly maxBytes: number | undefined;
  /** Milliseconds between looks for events that have become too old. */
  readonly retentionInterval: number;
  /** The way to the search thread. */
  readonly search: MessagePort;
  /** Milliseconds without use after which an upload and its receipts are forgotten. */
  readonly uploadLifetime: number;
}

type Answer<Method extends keyof Store> = Store[Method] extends (...values: never) => Promise<infer Value>
  ? Value
  : never;

/** Every operation of the search thread: what it takes and what it gives. */
export interface SearchOperations {
  search: { take: { libraryId: string; search: StoreSearch }; give: EncodedAnswer };
  libraryStatistics: { take: { libraryId: string }; give: Answer<"libraryStatistics"> };
  searchStatistics: { take: undefined; give: SearchStatistics };
}

/** The same of the writing thread. */
export interface Operations extends WebhookOperations {
  createLibrary: { take: NewLibrary; give: Answer<"createLibrary"> };
  getLibrary: { take: { id: string }; give: Answer<"getLibrary"> };
  listLibraries: { take: PageRequest; give: Answer<"listLibraries"> };
  updateLibrary: { take: { id: string; patch: LibraryPatch }; give: Answer<"updateLibrary"> };
  deleteLibrary: { take: { id: string }; give: number };
  writeDocuments: {
    take: { libraryId: string; documents: readonly NewDocument[] };
    give: readonly (Outcome<WrittenDocument> | { readonly replayed: StoredReceipt })[];
  };
  beginUpload: { take: { libraryId: string; idempotencyKey: string }; give: Answer<"beginUpload"> };
  readReceipts: { take: { libraryId: string; range: ReceiptRange }; give: Answer<"readReceipts"> };
  deleteDocument: { take: { libraryId: string; documentId: string }; give: number };
  getDocument: { take: { libraryId: string; documentId: string }; give: Answer<"getDocument"> };
  listDocuments: { take: { libraryId: string; page: PageRequest }; give: Answer<"listDocuments"> };
  readEvents: { take: { libraryId: string; range: EventRange }; give: Answer<"readEvents"> };
  recordSearch: { take: { libraryId: string; search: SearchPerformed }; give: number };
  recallEmbeddings: {
    take: { model: string; hashes: readonly Uint8Array[] };
    give: readonly (Float32Array<ArrayBuffer> | undefined)[];
  };
  rememberEmbeddings: { take: { model: string; entries: readonly LedgerEntry[] }; give: undefined };
  statistics: { take: undefined; give: WriterStatistics };
  close: { take: undefined; give: undefined };
}
export type Operation = keyof Operations;

/** Figures for tests and metrics. */
export interface WriterStatistics {
  /** Transactions that changed something, and the changes in them. */
  readonly commits: number;
  readonly writes: number;
  /** Rows of deleted libraries are still there. */
  readonly purging: boolean;
}

export interface SearchStatistics {
  /** Vectors, and libraries, that wait for their index. */
  readonly pending: number;
}

export interface StoreStatistics extends WriterStatistics {
  /** Vectors wait for an index. */
  readonly migrating: boolean;
}

export type Request = {
  readonly [Name in Operation]: {
    readonly id: number;
    readonly operation: Name;
    readonly take: Operations[Name]["take"];
  };
}[Operation];

const writeOperations = [
  "createLibrary",
  "updateLibrary",
  "deleteLibrary",
  "writeDocuments",
  "beginUpload",
  "deleteDocument",
  "recordSearch",
  "rememberEmbeddings",
  ...webhookWrites,
] as const;
export type WriteRequest = Extract<Request, { operation: (typeof writeOperations)[number] }>;
export type ReadRequest = Exclude<Request, WriteRequest | { operation: "close" }>;

/** The library that a write changes. */
export function libraryOf(request: WriteRequest): string | undefined {
  switch (request.operation) {
    case "createLibrary":
    case "beginUpload":
    case "rememberEmbeddings":
    // Calls are told of while the library's index falls behind, too.
    case "createWebhook":
    case "updateWebhook":
    case "deleteWebhook":
    case "reportDeliveries":
      return undefined;
    case "updateLibrary":
    case "deleteLibrary":
      return request.take.id;
    case "writeDocuments":
    case "deleteDocument":
    case "recordSearch":
      return request.take.libraryId;
  }
}

const writes: ReadonlySet<Operation> = new Set(writeOperations);
export const isWrite = (request: Request): request is WriteRequest => writes.has(request.operation);

/** An error as it crosses the thread. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly earliestSeq?: number | undefined;
  readonly cause?: string | undefined;
}

/** Like `Settled`, for the way between the threads. */
export type Outcome<Value> = { readonly value: Value } | { readonly error: ErrorData };

export type LogLevel = "info" | "warn" | "error";
export type Log = (level: LogLevel, message: string, details: Readonly<Record<string, unknown>>) => void;

export interface AnsweredRequest {
  readonly id: number;
  readonly outcome: Outcome<unknown>;
}

export type Reply =
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly error: ErrorData }
  | { readonly type: "answers"; readonly answers: readonly AnsweredRequest[] }
  | { readonly type: "events"; readonly events: readonly LibraryEvent[] }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };
