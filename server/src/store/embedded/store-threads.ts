import { MessageChannel } from "node:worker_threads";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { DataEvents } from "../data.ts";
import type { CommitListener } from "../event-store.ts";
import { defaultThresholds, type IndexThresholds } from "../engine/index/index-thresholds.ts";
import { DocumentExpiry } from "./document-expiry.ts";
import { LiveThreadClient } from "../engine/live/live-thread-client.ts";
import { type SearchOperations, searchThread, type SearchThreadSettings } from "../engine/search/search-messages.ts";
import { ThreadClient } from "../engine/threads/thread-client.ts";
import type { ThreadReply } from "../engine/threads/thread-messages.ts";
import { type Operations, writerThread, type WriterThreadSettings } from "./writing/writer-messages.ts";

export interface StoreThreadsOptions extends Partial<DataEvents> {
  /** Holds the database and the saved indexes; created if it does not exist. One process at a time. */
  readonly directory: string;
  /** Maximum size of the database file in bytes. */
  readonly maxBytes?: number | undefined;
  /** When vector indexes change their structure; lower in tests, so that few vectors suffice. */
  readonly thresholds?: Partial<IndexThresholds> | undefined;
  /** Whether the data are a copy of what is stored elsewhere, brought up to date by `applyStep`. */
  readonly replica?: boolean | undefined;
  /** Milliseconds between checks for expired events. */
  readonly retentionInterval?: number | undefined;
  /** Milliseconds without use after which an upload expires; a day unless a test sets it. */
  readonly uploadLifetime?: number | undefined;
  /** File that the writing thread runs, for tests of its failure. */
  readonly worker?: URL | undefined;
  readonly searchWorker?: URL | undefined;
  /** The same for the live thread, and the maximum number of live queries. */
  readonly liveWorker?: URL | undefined;
  readonly liveQueries?: number | undefined;
}

const retentionInterval = 30_000;
/**
 * Megabytes. Searches read vectors of kilobytes, of which only a handle is in the young generation. If that is small, these
 * are freed often; otherwise they accumulate until V8 runs full collections again and again (a fifth fewer searches).
 */
const searchYoungGeneration = 12;
const uploadLifetime = limits.idempotencySeconds * 1000;

/** The threads of one store: each needs the others, so they start and end together. */
export class StoreThreads {
  readonly writer: ThreadClient<Operations>;
  readonly searcher: ThreadClient<SearchOperations>;
  readonly live: LiveThreadClient;
  /** Reads of a library's documents go through it. */
  readonly expiry = new DocumentExpiry({
    expire: (libraryId, until) => this.writer.call("expireDocuments", { libraryId, until }),
    onError: (error) =>
      this.#options.onLog?.("warn", "expired documents could not be deleted; retrying", { reason: String(error) }),
  });
  readonly #options: StoreThreadsOptions;
  readonly #recovered = Promise.withResolvers<void>();
  readonly #listeners = new Set<CommitListener>();
  #isOpen = false;
  #isClosing = false;
  #failure: ArrwError | undefined;

  constructor(options: StoreThreadsOptions) {
    this.#options = options;
    const { port1: live, port2: livePort } = new MessageChannel();
    const { port1: writer, port2: search } = new MessageChannel();
    const onMessage = (reply: ThreadReply) => this.#receive(reply);
    const writing: WriterThreadSettings = {
      directory: options.directory,
      maxBytes: options.maxBytes,
      retentionInterval: options.retentionInterval ?? retentionInterval,
      uploadLifetime: options.uploadLifetime ?? uploadLifetime,
      replica: options.replica ?? false,
      search,
    };
    const searching: SearchThreadSettings = {
      directory: options.directory,
      thresholds: { ...defaultThresholds, ...options.thresholds },
      writer,
      live,
    };
    this.writer = new ThreadClient({
      thread: writerThread.start(writing, { file: options.worker, transfer: [search] }),
      onMessage,
      onEnd: (cause) => this.#ended(cause),
    });
    this.searcher = new ThreadClient({
      thread: searchThread.start(searching, {
        file: options.searchWorker,
        transfer: [writer, live],
        resourceLimits: { maxYoungGenerationSizeMb: searchYoungGeneration },
      }),
      onMessage,
      onEnd: (cause) => this.#searchEnded(cause),
    });
    this.live = new LiveThreadClient({
      port: livePort,
      worker: options.liveWorker,
      limit: options.liveQueries,
      onEnd: (cause) => this.#liveEnded(cause),
    });
  }

  /** Why requests are refused, if they are. */
  get refusal(): ArrwError | undefined {
    return this.#isClosing ? closedError() : this.#failure;
  }

  /** Resolves when saved indexes are loaded; until then searches may be slower than usual. */
  get recovered(): Promise<void> {
    return this.#recovered.promise;
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws ArrwError if the data cannot be opened; the threads have ended then */
  async open(signal: AbortSignal | undefined): Promise<void> {
    const abort = () => {
      for (const thread of [this.writer, this.searcher]) thread.fail(closedError());
    };
    try {
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort);
      await Promise.all([this.writer.opened, this.searcher.opened]);
      this.#isOpen = true;
    } catch (error) {
      await Promise.all([this.writer.terminate(), this.searcher.terminate()]);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Finishes requests in progress, and refuses all others. @param meanwhile resolves before the threads may end */
  async close(meanwhile: (reason: ArrwError) => Promise<void>): Promise<void> {
    this.#isClosing = true;
    this.expiry.close();
    const closing = this.#failure === undefined ? this.writer.call("close", undefined) : Promise.resolve();
    this.writer.refuse(closedError());
    // The search thread answers until it ends, which is after the writing thread.
    this.searcher.refuse(closedError());
    await meanwhile(closedError());
    await closing.catch((error: unknown) =>
      this.#options.onLog?.("error", "the store did not close cleanly", { reason: String(error) }),
    );
    await Promise.all([this.writer.exited, this.searcher.exited]);
    await this.live.ended();
    this.live.fail(closedError());
    this.#listeners.clear();
  }

  #receive(reply: ThreadReply): void {
    if (reply.type === "log") this.#options.onLog?.(reply.level, reply.message, reply.details);
    if (reply.type === "opening") this.#options.onOpening?.(reply.step);
    if (reply.type === "recovered") this.#recovered.resolve();
    if (reply.type === "expiring") this.expiry.next(reply.libraryId, reply.at);
    if (reply.type === "events") this.#publish(reply.events);
  }

  #publish(events: readonly LibraryEvent[]): void {
    for (const listener of this.#listeners) listener(events);
    for (const { type, library_id } of events) {
      if (type === "library.deleted") this.live.forget(library_id);
    }
  }

  /** A thread has ended: its pending requests fail, and the other threads end, as they need each other. */
  #ended(cause: unknown): void {
    const wasOpen = this.#isOpen && !this.#isClosing && this.#failure === undefined;
    const failure = this.#fail(cause);
    if (!wasOpen) return;
    void this.writer.terminate();
    void this.searcher.terminate();
    this.#options.onEnd?.(failure);
  }

  /** Without a cause it followed the writing thread, which reports its own end; if that still runs, it is terminated. */
  #searchEnded(cause: unknown): void {
    // It ends before or after the writing thread has confirmed that everything is closed.
    if (cause === undefined && this.#isClosing) this.searcher.fail(closedError());
    else if (cause === undefined) void this.writer.terminate();
    else this.#ended(cause);
  }

  #fail(cause: unknown): ArrwError {
    const message = "A store thread ended unexpectedly; restart the server";
    this.#failure ??= new ArrwError("storage_failed", message, { cause });
    this.writer.fail(this.#failure);
    this.searcher.fail(this.#failure);
    if (!this.#isClosing) this.live.fail(this.#failure);
    return this.#failure;
  }

  /** Without the live thread the store cannot keep its guarantees, so it shuts down. */
  #liveEnded(cause: unknown): void {
    // Without a cause it ended because the search thread did, which reports its own end.
    if (cause === undefined || this.#isClosing || this.#failure !== undefined) return;
    this.#ended(cause);
  }
}

const closedError = () => new ArrwError("shutting_down", "The store is closed");
