import type { MessagePort } from "node:worker_threads";
import type { SearchPerformed } from "@arrwdb/protocol/events/events";
import type { AuditEntry } from "@arrwdb/protocol/keys/audit";
import type { CachedEmbedding } from "../../../embedding/embedding-cache.ts";
import type { AuditRange, NewAuditEntry } from "../../audit-log.ts";
import type { KeyUse, StoredKey } from "../../key-store.ts";
import type { EventRange, EventStore } from "../../event-store.ts";
import type { LibraryPatch, LibraryStore, NewLibrary } from "../../library-store.ts";
import type {
  DocumentPatch,
  DocumentStore,
  FoundDocuments,
  NewDocument,
  WrittenDocument,
} from "../../document-store.ts";
import type {
  EmbeddedChunk,
  ReembeddingEnd,
  ReembeddingRef,
  ReembeddingStore,
  ReembeddingTarget,
} from "../../reembedding-store.ts";
import type { PageRequest } from "../../page.ts";
import type { ReceiptRange, StoredReceipt, UploadStore } from "../../upload-store.ts";
import type { ReplicaStep } from "../../engine/changes/replica-step.ts";
import type { ThreadCalls } from "../../engine/threads/thread-client.ts";
import type { CallOf, Outcome, ThreadReply } from "../../engine/threads/thread-messages.ts";
import { ThreadDefinition } from "../../../util/typed-thread.ts";
import type { WritingState } from "../../../telemetry/data-state.ts";
import type { Hold } from "../../../scheduling/hold-meter.ts";
import { type WebhookOperations, webhookWrites } from "./webhook-operations.ts";

/** Start parameters of the writing thread. */
export interface WriterThreadSettings {
  readonly directory: string;
  readonly maxBytes: number | undefined;
  /** Milliseconds between checks for expired events. */
  readonly retentionInterval: number;
  /** Port to the search thread. */
  readonly search: MessagePort;
  /** Milliseconds without use after which an upload and its receipts expire. */
  readonly uploadLifetime: number;
  /** Whether the database is a copy of what is stored elsewhere: nothing expires here, and commits need not wait for the disk. */
  readonly replica: boolean;
}

type PortAnswer<Port, Method extends keyof Port> = Port[Method] extends (...values: never) => Promise<infer Value>
  ? Value
  : never;

/** A slice of a deletion: of the first so many documents, those that were as they had been selected. */
export interface PatchedDocuments {
  /** How many of the documents were taken, changed, and could not take the patch. */
  readonly taken: number;
  readonly patched: number;
  readonly failed: number;
  readonly seq: number;
}

export interface DeletedDocuments {
  readonly taken: number;
  readonly deleted: number;
  readonly seq: number;
}

/** Parameters and results of every operation of the writing thread. */
export interface Operations extends WebhookOperations {
  createLibrary: { take: NewLibrary; give: PortAnswer<LibraryStore, "create"> };
  getLibrary: { take: { id: string }; give: PortAnswer<LibraryStore, "get"> };
  listLibraries: { take: PageRequest; give: PortAnswer<LibraryStore, "list"> };
  namedLibraries: {
    take: { name: string; among: readonly string[] | null };
    give: PortAnswer<LibraryStore, "named">;
  };
  updateLibrary: { take: { id: string; patch: LibraryPatch }; give: PortAnswer<LibraryStore, "update"> };
  deleteLibrary: { take: { id: string }; give: number };
  writeDocuments: {
    take: { libraryId: string; documents: readonly NewDocument[] };
    give: readonly (Outcome<WrittenDocument> | { readonly replayed: StoredReceipt })[];
  };
  beginUpload: { take: { libraryId: string; idempotencyKey: string }; give: PortAnswer<UploadStore, "begin"> };
  readReceipts: { take: { libraryId: string; range: ReceiptRange }; give: PortAnswer<UploadStore, "readReceipts"> };
  patchDocument: {
    take: { libraryId: string; documentId: string; patch: DocumentPatch; ifSeq: number | undefined };
    give: PortAnswer<DocumentStore, "patch">;
  };
  deleteDocument: { take: { libraryId: string; documentId: string; ifSeq: number | undefined }; give: number };
  deleteDocuments: { take: { libraryId: string; seqs: readonly number[] }; give: DeletedDocuments };
  patchDocuments: {
    take: { libraryId: string; seqs: readonly number[]; patch: DocumentPatch };
    give: PatchedDocuments;
  };
  expireDocuments: { take: { libraryId: string; until: number }; give: boolean };
  /** Of a replica. */
  applyStep: { take: ReplicaStep; give: undefined };
  /** Of a replica: removes the library's rows, in the background. */
  dropLibrary: { take: { libraryId: string }; give: undefined };
  replicatedLibraries: { take: undefined; give: readonly { readonly id: string; readonly seq: number }[] };
  beginReembedding: {
    take: { libraryId: string; target: ReembeddingTarget };
    give: PortAnswer<ReembeddingStore, "begin">;
  };
  getReembedding: { take: { libraryId: string }; give: PortAnswer<ReembeddingStore, "get"> };
  runningReembeddings: { take: undefined; give: PortAnswer<ReembeddingStore, "running"> };
  nextTexts: { take: ReembeddingRef & { limit: number }; give: PortAnswer<ReembeddingStore, "next"> };
  keepVectors: { take: ReembeddingRef & { vectors: readonly EmbeddedChunk[] }; give: undefined };
  changeOver: { take: ReembeddingRef; give: PortAnswer<ReembeddingStore, "changeOver"> };
  endReembedding: {
    take: { libraryId: string; end: ReembeddingEnd; id: string | undefined };
    give: PortAnswer<ReembeddingStore, "end">;
  };
  getDocument: {
    take: { libraryId: string; documentId: string; vectors: boolean };
    give: PortAnswer<DocumentStore, "get">;
  };
  findDocuments: { take: { libraryId: string; ids: readonly string[] }; give: FoundDocuments };
  listDocuments: { take: { libraryId: string; page: PageRequest }; give: PortAnswer<DocumentStore, "list"> };
  readEvents: { take: { libraryId: string; range: EventRange }; give: PortAnswer<EventStore, "read"> };
  recordSearch: { take: { libraryId: string; search: SearchPerformed }; give: number };
  recallEmbeddings: {
    take: { model: string; hashes: readonly Uint8Array[] };
    give: readonly (Float32Array<ArrayBuffer> | undefined)[];
  };
  rememberEmbeddings: { take: { model: string; entries: readonly CachedEmbedding[] }; give: undefined };
  createKey: { take: StoredKey; give: undefined };
  listKeys: { take: undefined; give: readonly StoredKey[] };
  revokeKey: { take: { id: string; keepsAdmin: boolean }; give: undefined };
  recordKeyUse: { take: readonly KeyUse[]; give: undefined };
  appendAudit: { take: NewAuditEntry; give: undefined };
  readAudit: { take: AuditRange; give: readonly AuditEntry[] };
  statistics: { take: undefined; give: WriterStatistics };
  close: { take: undefined; give: undefined };
}
export type Operation = keyof Operations;

/** Figures for tests and metrics. */
export interface WriterStatistics extends WritingState {
  /** Whether rows of deleted libraries still exist. */
  readonly purging: boolean;
  readonly holds: readonly Hold[];
}

export type Request = CallOf<Operations>;

const writeOperations = [
  "createLibrary",
  "updateLibrary",
  "deleteLibrary",
  "writeDocuments",
  "beginUpload",
  "patchDocument",
  "patchDocuments",
  "deleteDocument",
  "deleteDocuments",
  "expireDocuments",
  "applyStep",
  "dropLibrary",
  "recordSearch",
  "beginReembedding",
  "keepVectors",
  "changeOver",
  "endReembedding",
  "rememberEmbeddings",
  "createKey",
  "revokeKey",
  "recordKeyUse",
  "appendAudit",
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
    // Nothing that is searched changes, or writers wait for it.
    case "beginReembedding":
    case "keepVectors":
    case "changeOver":
    case "endReembedding":
    case "createKey":
    case "revokeKey":
    case "recordKeyUse":
    case "appendAudit":
    // Deliveries are recorded even while the library's index lags behind.
    case "createWebhook":
    case "updateWebhook":
    case "deleteWebhook":
    case "reportDeliveries":
      return undefined;
    case "updateLibrary":
    case "deleteLibrary":
      return request.take.id;
    case "applyStep":
      return request.take.library.id;
    case "writeDocuments":
    case "patchDocument":
    case "patchDocuments":
    case "deleteDocument":
    case "deleteDocuments":
    case "expireDocuments":
    case "dropLibrary":
    case "recordSearch":
      return request.take.libraryId;
  }
}

const writes: ReadonlySet<Operation> = new Set(writeOperations);
export const isWrite = (request: Request): request is WriteRequest => writes.has(request.operation);

/** Operations that free space, and must be possible on a full disk. */
const deletions: ReadonlySet<string> = new Set([
  "deleteDocument",
  "deleteDocuments",
  "expireDocuments",
  "deleteLibrary",
  "endReembedding",
  "deleteWebhook",
  "revokeKey",
]);
export const isDeletion = ({ operation }: WriteRequest) => deletions.has(operation);

export const writerThread = new ThreadDefinition<WriterThreadSettings, ThreadCalls<Operations>, ThreadReply>(
  new URL("./writer-worker.ts", import.meta.url),
);
