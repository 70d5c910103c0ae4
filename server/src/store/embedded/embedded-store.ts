import { mkdir } from "node:fs/promises";
import { MessageChannel, Worker } from "node:worker_threads";
import { ArrwError } from "@arrwdb/protocol/errors";
import type { SearchPerformed } from "@arrwdb/protocol/events";
import { limits } from "@arrwdb/protocol/limits";
import type { EmbeddingLedger, LedgerEntry } from "../../embedding/ledger.ts";
import type {
  CommitListener,
  EventRange,
  LibraryPatch,
  NewDocument,
  NewLibrary,
  PageRequest,
  Standing,
  StandingListener,
  ReceiptRange,
  Store,
  StoreSearch,
} from "../store.ts";
import { fromErrorData } from "./error-data.ts";
import { defaultThresholds, type IndexThresholds } from "./library-index.ts";
import { StandingSearches } from "./live/standing-searches.ts";
import type { LogLevel, Operation, Operations, Outcome, Reply, StoreStatistics, ThreadSettings } from "./messages.ts";

export interface EmbeddedStoreOptions {
  /** Holds the database and the saved indexes; created where it is not there. One process at a time. */
  readonly directory: string;
  /** The most that the database file may take, in bytes. */
  readonly maxBytes?: number | undefined;
  /** When the vector indexes change their shape; for tests, which want to see that with few vectors. */
  readonly thresholds?: Partial<IndexThresholds> | undefined;
  /** Milliseconds between looks for events that have become too old. */
  readonly retentionInterval?: number | undefined;
  /** Milliseconds without use after which an upload is forgotten; for tests, which cannot wait for a day. */
  readonly uploadLifetime?: number | undefined;
  /** The file that the thread runs, for tests of what happens when it ends. */
  readonly worker?: URL | undefined;
  /** The same for the live thread, and how many searches may stand. */
  readonly liveWorker?: URL | undefined;
  readonly liveQueries?: number | undefined;
  /** Called once when the thread has ended though nobody closed the store; what it acknowledged is safe. */
  readonly onEnd?: ((error: ArrwError) => void) | undefined;
  readonly onLog?: (level: LogLevel, message: string, details: Readonly<Record<string, unknown>>) => void;
}

const retentionInterval = 30_000;
const uploadLifetime = limits.idempotencySeconds * 1000;

interface Pending {
  // Method syntax, so that a call keeps the type of its own answer; the operation's name ties the two together.
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The default store: SQLite for truth and usearch beside it, both on one thread of their own, and standing searches on
 * another.
 */
export class EmbeddedStore implements Store, EmbeddingLedger {
  readonly #worker: Worker;
  readonly #standing: StandingSearches;
  readonly #onLog: NonNullable<EmbeddedStoreOptions["onLog"]>;
  readonly #onEnd: NonNullable<EmbeddedStoreOptions["onEnd"]>;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<CommitListener>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  #isOpen = false;
  #nextId = 1;
  #closed: Promise<void> | undefined;
  #failure: ArrwError | undefined;

  /**
   * Opens the data and catches its indexes up.
   *
   * @throws ArrwError `storage_failed` where another process has the directory, or it cannot be read.
   */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    await makeDirectory(options.directory);
    const store = new EmbeddedStore(options);
    await store.#opened.promise;
    return store;
  }

  private constructor(options: EmbeddedStoreOptions) {
    const { port1: live, port2: port } = new MessageChannel();
    const settings: ThreadSettings = {
      directory: options.directory,
      maxBytes: options.maxBytes,
      thresholds: { ...defaultThresholds, ...options.thresholds },
      retentionInterval: options.retentionInterval ?? retentionInterval,
      live,
      uploadLifetime: options.uploadLifetime ?? uploadLifetime,
    };
    this.#onLog = options.onLog ?? (() => undefined);
    this.#onEnd = options.onEnd ?? (() => undefined);
    this.#worker = new Worker(options.worker ?? new URL("./worker.ts", import.meta.url), {
      workerData: settings,
      transferList: [live],
    });
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => {
      this.#fail(undefined);
      this.#exited.resolve();
      if (this.#isOpen && this.#closed === undefined && this.#failure !== undefined) this.#onEnd(this.#failure);
    });
    this.#standing = new StandingSearches({
      port,
      worker: options.liveWorker,
      limit: options.liveQueries,
      onEnd: (cause) => this.#liveEnded(cause),
    });
  }

  createLibrary(library: NewLibrary) {
    return this.#call("createLibrary", library);
  }

  getLibrary(id: string) {
    return this.#call("getLibrary", { id });
  }

  listLibraries(page: PageRequest) {
    return this.#call("listLibraries", page);
  }

  updateLibrary(id: string, patch: LibraryPatch) {
    return this.#call("updateLibrary", { id, patch });
  }

  deleteLibrary(id: string) {
    return this.#call("deleteLibrary", { id });
  }

  async writeDocuments(libraryId: string, documents: readonly NewDocument[]): ReturnType<Store["writeDocuments"]> {
    if (documents.length === 0) return [];
    const outcomes = await this.#call("writeDocuments", { libraryId, documents });
    return outcomes.map((outcome) => ("error" in outcome ? { error: fromErrorData(outcome.error) } : outcome));
  }

  beginUpload(libraryId: string, idempotencyKey: string) {
    return this.#call("beginUpload", { libraryId, idempotencyKey });
  }

  readReceipts(libraryId: string, range: ReceiptRange) {
    return this.#call("readReceipts", { libraryId, range });
  }

  deleteDocument(libraryId: string, documentId: string) {
    return this.#call("deleteDocument", { libraryId, documentId });
  }

  getDocument(libraryId: string, documentId: string) {
    return this.#call("getDocument", { libraryId, documentId });
  }

  listDocuments(libraryId: string, page: PageRequest) {
    return this.#call("listDocuments", { libraryId, page });
  }

  search(libraryId: string, search: StoreSearch) {
    return this.#call("search", { libraryId, search });
  }

  watch(libraryId: string, search: StoreSearch, listener: StandingListener): Promise<Standing> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#standing.watch(libraryId, search, listener) : Promise.reject(refusal);
  }

  readEvents(libraryId: string, range: EventRange) {
    return this.#call("readEvents", { libraryId, range });
  }

  recordSearch(libraryId: string, search: SearchPerformed) {
    return this.#call("recordSearch", { libraryId, search });
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  recallEmbeddings(model: string, hashes: readonly Uint8Array[]) {
    return this.#call("recallEmbeddings", { model, hashes });
  }

  async rememberEmbeddings(model: string, entries: readonly LedgerEntry[]): Promise<void> {
    await this.#call("rememberEmbeddings", { model, entries });
  }

  statistics(): Promise<StoreStatistics> {
    return this.#call("statistics", undefined);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const answered = this.#failure === undefined ? this.#post("close", undefined) : Promise.resolve();
    await answered.catch((error: unknown) =>
      this.#onLog("error", "the store did not close well", { reason: String(error) }),
    );
    await this.#exited.promise;
    await this.#standing.ended();
    this.#standing.fail(closedError());
    this.#listeners.clear();
  }

  #call<Name extends Operation>(operation: Name, take: Operations[Name]["take"]): Promise<Operations[Name]["give"]> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#post(operation, take) : Promise.reject(refusal);
  }

  /** Why nothing can be asked. */
  #refusal(): ArrwError | undefined {
    return this.#closed === undefined ? this.#failure : closedError();
  }

  #post<Name extends Operation>(operation: Name, take: Operations[Name]["take"]): Promise<Operations[Name]["give"]> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#worker.postMessage({ id, operation, take });
      this.#pending.set(id, { resolve, reject });
    });
  }

  #receive(reply: Reply): void {
    switch (reply.type) {
      case "opened":
        this.#isOpen = true;
        return this.#opened.resolve();
      case "failed":
        return this.#opened.reject(fromErrorData(reply.error));
      case "events":
        for (const listener of this.#listeners) listener(reply.events);
        for (const { type, library_id } of reply.events) {
          if (type === "library.deleted") this.#standing.forget(library_id);
        }
        return;
      case "log":
        return this.#onLog(reply.level, reply.message, reply.details);
      case "answer":
        return this.#settle(reply.id, reply.outcome);
    }
  }

  #settle(id: number, outcome: Outcome<unknown>): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if ("error" in outcome) pending?.reject(fromErrorData(outcome.error));
    else pending?.resolve(outcome.value);
  }

  /** The thread has ended: what waits for it will not be answered. */
  #fail(cause: unknown): void {
    this.#failure ??= new ArrwError("storage_failed", "The store's thread ended unexpectedly; restart the server", {
      cause,
    });
    this.#opened.reject(this.#failure);
    for (const pending of this.#pending.values()) pending.reject(this.#failure);
    this.#pending.clear();
    if (this.#closed === undefined) this.#standing.fail(this.#failure);
  }

  /** Without the live thread the store would not keep what it promises, so it ends, in order. */
  #liveEnded(cause: unknown): void {
    // Without a cause it has followed the store's thread, which tells of itself.
    if (cause === undefined || this.#closed !== undefined || this.#failure !== undefined) return;
    this.#fail(cause);
    this.#worker.postMessage({ id: 0, operation: "close", take: undefined });
  }
}

const closedError = () => new ArrwError("shutting_down", "The store is closed");

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArrwError("storage_failed", `The data directory ${directory} cannot be used: ${reason}`, { cause });
  }
}
