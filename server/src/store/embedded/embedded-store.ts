import { mkdir } from "node:fs/promises";
import { ArrwError } from "@arrwdb/protocol/errors";
import type { Data } from "../data.ts";
import { Exports } from "../engine/export/exports.ts";
import type { IndexThresholds } from "../engine/index/index-thresholds.ts";
import type { LogLevel } from "../engine/threads/thread-messages.ts";
import { EmbeddedDocumentStore } from "./embedded-document-store.ts";
import { EmbeddedEmbeddingCache } from "./embedded-embedding-cache.ts";
import { EmbeddedEventStore } from "./embedded-event-store.ts";
import { EmbeddedKeyStore } from "./embedded-key-store.ts";
import { EmbeddedLibraryStore } from "./embedded-library-store.ts";
import { EmbeddedSearchStore } from "./embedded-search-store.ts";
import { EmbeddedStatistics } from "./embedded-statistics.ts";
import { EmbeddedUploadStore } from "./embedded-upload-store.ts";
import { EmbeddedWebhookStore } from "./embedded-webhook-store.ts";
import { StoreThreads } from "./store-threads.ts";

export interface EmbeddedStoreOptions {
  /** Holds the database and the saved indexes; created if it is not there. One process at a time. */
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
  /** The same for the live thread, and how many live queries there may be. */
  readonly liveWorker?: URL | undefined;
  readonly liveQueries?: number | undefined;
  /** Milliseconds for which an export may be open; for tests, which cannot wait for an hour. */
  readonly exportLifetime?: number | undefined;
  /** Called once when a thread has ended though nobody closed the store; what it acknowledged is safe. */
  readonly onEnd?: ((error: ArrwError) => void) | undefined;
  /** Ends an opening that is under way; the store is used and closed as ever once it is open. */
  readonly signal?: AbortSignal | undefined;
  /** Told what opening does now, if that takes long. */
  readonly onOpening?: ((step: string) => void) | undefined;
  readonly onLog?: ((level: LogLevel, message: string, details: Readonly<Record<string, unknown>>) => void) | undefined;
}

/**
 * The default store: SQLite for truth, written by one thread; the indexes on another, which answers searches; and live
 * queries on a third.
 */
export class EmbeddedStore implements Data {
  readonly libraries: EmbeddedLibraryStore;
  readonly documents: EmbeddedDocumentStore;
  readonly uploads: EmbeddedUploadStore;
  readonly searches: EmbeddedSearchStore;
  readonly events: EmbeddedEventStore;
  readonly keys: EmbeddedKeyStore;
  readonly webhooks: EmbeddedWebhookStore;
  readonly embeddings: EmbeddedEmbeddingCache;
  readonly statistics: EmbeddedStatistics;
  readonly #threads: StoreThreads;
  readonly #exports: Exports;
  #closed: Promise<void> | undefined;

  /**
   * Opens the data and catches its indexes up.
   *
   * @throws ArrwError `storage_failed` if another process has the directory, or it cannot be read; `shutting_down` if the
   *   signal ended it, when its threads have ended, too.
   */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    await makeDirectory(options.directory);
    const store = new EmbeddedStore(options);
    await store.#threads.open(options.signal);
    return store;
  }

  private constructor(options: EmbeddedStoreOptions) {
    const threads = new StoreThreads(options);
    this.#threads = threads;
    this.#exports = new Exports(options.directory, options.exportLifetime);
    this.libraries = new EmbeddedLibraryStore(threads, this.#exports);
    this.documents = new EmbeddedDocumentStore(threads);
    this.uploads = new EmbeddedUploadStore(threads);
    this.searches = new EmbeddedSearchStore(threads);
    this.events = new EmbeddedEventStore(threads);
    this.keys = new EmbeddedKeyStore(threads.writer);
    this.webhooks = new EmbeddedWebhookStore(threads.writer);
    this.embeddings = new EmbeddedEmbeddingCache(threads);
    this.statistics = new EmbeddedStatistics(threads, options.directory);
  }

  get recovered(): Promise<void> {
    return this.#threads.recovered;
  }

  state(timeout: number) {
    return this.statistics.state(timeout);
  }

  close(): Promise<void> {
    this.#closed ??= this.#threads.close((reason) => this.#exports.close(reason));
    return this.#closed;
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArrwError("storage_failed", `The data directory ${directory} cannot be used: ${reason}`, { cause });
  }
}
