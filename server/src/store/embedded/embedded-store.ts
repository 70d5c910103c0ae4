import { mkdir } from "node:fs/promises";
import { MessageChannel } from "node:worker_threads";
import { ArrwError } from "@arrwdb/protocol/errors";
import type { SearchPerformed } from "@arrwdb/protocol/events";
import { limits } from "@arrwdb/protocol/limits";
import type { SearchHit } from "@arrwdb/protocol/search";
import type { EmbeddingLedger, LedgerEntry } from "../../embedding/embedding-cache.ts";
import type {
  CommitListener,
  DocumentParts,
  EventRange,
  LibraryExport,
  LibraryPatch,
  NewDocument,
  NewLibrary,
  PageRequest,
  Standing,
  StandingListener,
  ReceiptRange,
  Store,
  SearchAnswer,
  StoreSearch,
  VectorSearch,
} from "../store.ts";
import { EmbeddedKeyStore } from "./embedded-key-store.ts";
import { diskUsage } from "./disk-usage.ts";
import { fromErrorData } from "../engine/threads/error-data.ts";
import { Exports } from "../engine/export/exports.ts";
import { StandingSearches } from "../engine/live/live-query-client.ts";
import type { DiskUsage } from "./disk-usage.ts";
import type { LiveStatistics } from "../engine/live/live-messages.ts";
import type { LogLevel, Reply } from "../engine/threads/thread-messages.ts";
import type { Operations, WriterStatistics, WriterThreadSettings } from "./writing/writer-messages.ts";
import type { SearchOperations } from "../engine/search/search-messages.ts";
import type { SearchStatistics } from "../engine/search/search-totals.ts";
import { DecodedAnswer } from "../engine/search/encoded-answer.ts";
import { defaultThresholds, type IndexThresholds } from "../engine/index/index-thresholds.ts";
import type { SearchThreadSettings } from "../engine/search/search-messages.ts";
import { StoreThread } from "../engine/threads/thread-client.ts";
import { inPortions } from "./writing/write-portions.ts";
import { EmbeddedWebhooks } from "./embedded-webhook-store.ts";

export interface StoreStatistics extends WriterStatistics {
  /** Vectors wait for an index. */
  readonly migrating: boolean;
}

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
  /** The file that the writing thread runs, for tests of what happens when it ends. */
  readonly worker?: URL | undefined;
  readonly searchWorker?: URL | undefined;
  /** The same for the live thread, and how many searches may stand. */
  readonly liveWorker?: URL | undefined;
  readonly liveQueries?: number | undefined;
  /** Milliseconds for which an export may be open; for tests, which cannot wait for an hour. */
  readonly exportLifetime?: number | undefined;
  /** Called once when the thread has ended though nobody closed the store; what it acknowledged is safe. */
  readonly onEnd?: ((error: ArrwError) => void) | undefined;
  /** Ends an opening that is under way; the store is used and closed as ever once it is open. */
  readonly signal?: AbortSignal | undefined;
  /** Told what opening does now, where that takes long. */
  readonly onOpening?: ((step: string) => void) | undefined;
  readonly onLog?: (level: LogLevel, message: string, details: Readonly<Record<string, unknown>>) => void;
}

const retentionInterval = 30_000;
/**
 * Megabytes. Searches read vectors of kilobytes, of which only a handle lies in the young generation. Where it is small, these
 * are let go of often; where it is not, they add up until V8 orders a full collection, again and again (a fifth fewer searches).
 */
const searchGarbage = 12;
const uploadLifetime = limits.idempotencySeconds * 1000;

/**
 * The default store: SQLite for truth, written by one thread; the indexes on another, which answers searches; and standing
 * searches on a third.
 */
export class EmbeddedStore implements Store, EmbeddingLedger {
  readonly keys: EmbeddedKeyStore;
  readonly #writer: StoreThread<Operations>;
  readonly #searcher: StoreThread<SearchOperations>;
  readonly #standing: StandingSearches;
  readonly #exports: Exports;
  readonly #onLog: NonNullable<EmbeddedStoreOptions["onLog"]>;
  readonly #onEnd: NonNullable<EmbeddedStoreOptions["onEnd"]>;
  readonly #onOpening: NonNullable<EmbeddedStoreOptions["onOpening"]>;
  readonly #directory: string;
  readonly #recovered = Promise.withResolvers<void>();
  readonly #listeners = new Set<CommitListener>();
  readonly webhooks: EmbeddedWebhooks;
  #isOpen = false;
  #closed: Promise<void> | undefined;
  #failure: ArrwError | undefined;

  /**
   * Opens the data and catches its indexes up.
   *
   * @throws ArrwError `storage_failed` where another process has the directory, or it cannot be read; `shutting_down` where
   *   the signal ended it, when its threads have ended, too.
   */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    await makeDirectory(options.directory);
    const store = new EmbeddedStore(options);
    await store.#open(options.signal);
    return store;
  }

  private constructor(options: EmbeddedStoreOptions) {
    const { port1: live, port2: livePort } = new MessageChannel();
    const { port1: writer, port2: search } = new MessageChannel();
    this.#onLog = options.onLog ?? (() => undefined);
    this.#onOpening = options.onOpening ?? (() => undefined);
    this.#directory = options.directory;
    this.#onEnd = options.onEnd ?? (() => undefined);
    const onMessage = (reply: Reply) => this.#receive(reply);
    const writing: WriterThreadSettings = {
      directory: options.directory,
      maxBytes: options.maxBytes,
      retentionInterval: options.retentionInterval ?? retentionInterval,
      uploadLifetime: options.uploadLifetime ?? uploadLifetime,
      search,
    };
    const searching: SearchThreadSettings = {
      directory: options.directory,
      thresholds: { ...defaultThresholds, ...options.thresholds },
      writer,
      live,
    };
    const writerFile = options.worker ?? new URL("./writing/writer-worker.ts", import.meta.url);
    const searchFile = options.searchWorker ?? new URL("../engine/search/search-worker.ts", import.meta.url);
    this.#writer = new StoreThread({
      file: writerFile,
      settings: writing,
      transfer: [search],
      onMessage,
      onEnd: (cause) => this.#ended(cause),
    });
    this.keys = new EmbeddedKeyStore(this.#writer);
    this.webhooks = new EmbeddedWebhooks(this.#writer);
    this.#searcher = new StoreThread({
      file: searchFile,
      settings: searching,
      transfer: [writer, live],
      onMessage,
      onEnd: (cause) => this.#searchEnded(cause),
      youngGeneration: searchGarbage,
    });
    this.#exports = new Exports(options.directory, options.exportLifetime);
    this.#standing = new StandingSearches({
      port: livePort,
      worker: options.liveWorker,
      limit: options.liveQueries,
      onEnd: (cause) => this.#liveEnded(cause),
    });
  }

  createLibrary(library: NewLibrary) {
    return this.#writer.call("createLibrary", library);
  }

  getLibrary(id: string) {
    return this.#writer.call("getLibrary", { id });
  }

  listLibraries(page: PageRequest) {
    return this.#writer.call("listLibraries", page);
  }

  updateLibrary(id: string, patch: LibraryPatch) {
    return this.#writer.call("updateLibrary", { id, patch });
  }

  deleteLibrary(id: string) {
    return this.#writer.call("deleteLibrary", { id });
  }

  async writeDocuments(libraryId: string, documents: readonly NewDocument[]): ReturnType<Store["writeDocuments"]> {
    const outcomes = await inPortions(documents, (portion) =>
      this.#writer.call("writeDocuments", { libraryId, documents: portion }),
    );
    return outcomes.map((outcome) => ("error" in outcome ? { error: fromErrorData(outcome.error) } : outcome));
  }

  beginUpload(libraryId: string, idempotencyKey: string) {
    return this.#writer.call("beginUpload", { libraryId, idempotencyKey });
  }

  readReceipts(libraryId: string, range: ReceiptRange) {
    return this.#writer.call("readReceipts", { libraryId, range });
  }

  deleteDocument(libraryId: string, documentId: string) {
    return this.#writer.call("deleteDocument", { libraryId, documentId });
  }

  getDocument(libraryId: string, documentId: string, { vectors = false }: DocumentParts = {}) {
    return this.#writer.call("getDocument", { libraryId, documentId, vectors });
  }

  listDocuments(libraryId: string, page: PageRequest) {
    return this.#writer.call("listDocuments", { libraryId, page });
  }

  exportLibrary(libraryId: string): Promise<LibraryExport> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#exports.open(libraryId) : Promise.reject(refusal);
  }

  search(libraryId: string, search: VectorSearch, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>>;
  search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer>;
  async search(libraryId: string, search: StoreSearch, signal?: AbortSignal): Promise<SearchAnswer<SearchHit>> {
    return new DecodedAnswer(await this.#searcher.call("search", { libraryId, search }, signal));
  }

  libraryStatistics(libraryId: string) {
    return this.#searcher.call("libraryStatistics", { libraryId });
  }

  watch(libraryId: string, search: VectorSearch, listener: StandingListener): Promise<Standing> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#standing.watch(libraryId, search, listener) : Promise.reject(refusal);
  }

  readEvents(libraryId: string, range: EventRange) {
    return this.#writer.call("readEvents", { libraryId, range });
  }

  recordSearch(libraryId: string, search: SearchPerformed) {
    return this.#writer.call("recordSearch", { libraryId, search });
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  recallEmbeddings(model: string, hashes: readonly Uint8Array[]) {
    return this.#writer.call("recallEmbeddings", { model, hashes });
  }

  async rememberEmbeddings(model: string, entries: readonly LedgerEntry[]): Promise<void> {
    await this.#writer.call("rememberEmbeddings", { model, entries });
  }

  /** The state that the writing thread reports. */
  writerStatistics(): Promise<WriterStatistics> {
    return this.#writer.call("statistics", undefined);
  }

  /** The same of the search thread, and of all indexes. */
  searchStatistics(): Promise<SearchStatistics> {
    return this.#searcher.call("searchStatistics", undefined);
  }

  /** The same of the live thread, which may not have been started. */
  async liveStatistics(): Promise<LiveStatistics> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    return { holds: await this.#standing.holds() };
  }

  diskUsage(): Promise<DiskUsage> {
    return diskUsage(this.#directory);
  }

  /** Calls that the threads have not answered yet. */
  get waiting(): { readonly writing: number; readonly search: number } {
    return { writing: this.#writer.waiting, search: this.#searcher.waiting };
  }

  /** The part of the time since the last look in which the threads worked. */
  get utilization(): { readonly writing: number; readonly search: number; readonly live: number } {
    const { utilization: live } = this.#standing;
    return { writing: this.#writer.utilization, search: this.#searcher.utilization, live };
  }

  /** Resolves when the indexes that were saved have been looked at; until then searches may be slower than usual. */
  get recovered(): Promise<void> {
    return this.#recovered.promise;
  }

  async statistics(): Promise<StoreStatistics> {
    const [written, searched] = await Promise.all([this.writerStatistics(), this.searchStatistics()]);
    return { ...written, migrating: searched.pending > 0 };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #open(signal: AbortSignal | undefined): Promise<void> {
    const abort = () => {
      for (const thread of [this.#writer, this.#searcher]) thread.fail(closedError());
    };
    try {
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort);
      await Promise.all([this.#writer.opened, this.#searcher.opened]);
      this.#isOpen = true;
    } catch (error) {
      await Promise.all([this.#writer.terminate(), this.#searcher.terminate()]);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #close(): Promise<void> {
    const closing = this.#failure === undefined ? this.#writer.call("close", undefined) : Promise.resolve();
    this.#writer.refuse(closedError());
    // The search thread ends after the writing thread, and answers until then.
    this.#searcher.refuse(closedError());
    await this.#exports.close(closedError());
    await closing.catch((error: unknown) =>
      this.#onLog("error", "the store did not close cleanly", { reason: String(error) }),
    );
    await Promise.all([this.#writer.exited, this.#searcher.exited]);
    await this.#standing.ended();
    this.#standing.fail(closedError());
    this.#listeners.clear();
  }

  /** Why nothing can be asked. */
  #refusal(): ArrwError | undefined {
    return this.#closed === undefined ? this.#failure : closedError();
  }

  #receive(reply: Reply): void {
    if (reply.type === "log") this.#onLog(reply.level, reply.message, reply.details);
    if (reply.type === "opening") this.#onOpening(reply.step);
    if (reply.type === "recovered") this.#recovered.resolve();
    if (reply.type !== "events") return;
    for (const listener of this.#listeners) listener(reply.events);
    for (const { type, library_id } of reply.events) {
      if (type === "library.deleted") this.#standing.forget(library_id);
    }
  }

  /** A thread has ended: what waits will not be answered, and neither thread is of use without the other. */
  #ended(cause: unknown): void {
    const wasOpen = this.#isOpen && this.#closed === undefined && this.#failure === undefined;
    this.#fail(cause);
    if (!wasOpen || this.#failure === undefined) return;
    void this.#writer.terminate();
    void this.#searcher.terminate();
    this.#onEnd(this.#failure);
  }

  /** Without a cause it has followed the writing thread, which tells of itself, or will have to end too. */
  #searchEnded(cause: unknown): void {
    // It ends before the writing thread has answered that all is closed, or after.
    if (cause === undefined && this.#closed !== undefined) this.#searcher.fail(closedError());
    else if (cause === undefined) void this.#writer.terminate();
    else this.#ended(cause);
  }

  #fail(cause: unknown): void {
    const message = "A store thread ended unexpectedly; restart the server";
    this.#failure ??= new ArrwError("storage_failed", message, { cause });
    this.#writer.fail(this.#failure);
    this.#searcher.fail(this.#failure);
    if (this.#closed === undefined) this.#standing.fail(this.#failure);
  }

  /** Without the live thread the store would not keep what it promises, so it ends, in order. */
  #liveEnded(cause: unknown): void {
    // Without a cause it has followed the store's thread, which tells of itself.
    if (cause === undefined || this.#closed !== undefined || this.#failure !== undefined) return;
    this.#ended(cause);
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
