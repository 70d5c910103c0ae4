import { mkdir } from "node:fs/promises";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Data } from "../data.ts";
import { Exports } from "../engine/export/exports.ts";
import { refuseReplicas } from "../engine/rows/replica-marker.ts";
import { EmbeddedDocumentStore } from "./embedded-document-store.ts";
import { EmbeddedEmbeddingCache } from "./embedded-embedding-cache.ts";
import { EmbeddedEventStore } from "./embedded-event-store.ts";
import { EmbeddedKeyStore } from "./embedded-key-store.ts";
import { EmbeddedLibraryStore } from "./embedded-library-store.ts";
import { EmbeddedReembeddingStore } from "./embedded-reembedding-store.ts";
import { EmbeddedReplica } from "./embedded-replica.ts";
import { EmbeddedSearchStore } from "./embedded-search-store.ts";
import { EmbeddedStatistics } from "./embedded-statistics.ts";
import { EmbeddedUploadStore } from "./embedded-upload-store.ts";
import { EmbeddedWebhookStore } from "./embedded-webhook-store.ts";
import { StoreThreads, type StoreThreadsOptions } from "./store-threads.ts";

export interface EmbeddedStoreOptions extends StoreThreadsOptions {
  /** Milliseconds for which an export may stay open; an hour unless a test sets it. */
  readonly exportLifetime?: number | undefined;
  /** Aborts opening; no effect once the store is open. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The default store: SQLite as the source of truth, written by one thread; the indexes on another, which answers searches;
 * and live queries on a third.
 */
export class EmbeddedStore implements Data {
  readonly libraries: EmbeddedLibraryStore;
  readonly documents: EmbeddedDocumentStore;
  readonly uploads: EmbeddedUploadStore;
  readonly searches: EmbeddedSearchStore;
  readonly events: EmbeddedEventStore;
  readonly reembeddings: EmbeddedReembeddingStore;
  readonly keys: EmbeddedKeyStore;
  readonly webhooks: EmbeddedWebhookStore;
  readonly embeddings: EmbeddedEmbeddingCache;
  readonly statistics: EmbeddedStatistics;
  readonly replica: EmbeddedReplica;
  readonly #threads: StoreThreads;
  readonly #exports: Exports;
  #closed: Promise<void> | undefined;

  /**
   * Opens the data and brings its indexes up to date.
   *
   * @throws ArrwError `storage_failed` if another process has the directory open, or it cannot be read; `shutting_down` if
   *   the signal aborted it, once its threads have ended
   */
  static async open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
    await makeDirectory(options.directory);
    if (options.replica !== true) refuseReplicas(options.directory);
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
    this.reembeddings = new EmbeddedReembeddingStore(threads);
    this.keys = new EmbeddedKeyStore(threads.writer);
    this.webhooks = new EmbeddedWebhookStore(threads.writer);
    this.embeddings = new EmbeddedEmbeddingCache(threads);
    this.replica = new EmbeddedReplica(threads);
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
