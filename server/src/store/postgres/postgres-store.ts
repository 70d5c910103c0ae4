import { mkdir } from "node:fs/promises";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { DataState } from "../../telemetry/data-state.ts";
import { claimReplicas } from "../engine/rows/replica-marker.ts";
import type { Data, DataEvents } from "../data.ts";
import { EmbeddedStore } from "../embedded/embedded-store.ts";
import type { IndexThresholds } from "../engine/index/index-thresholds.ts";
import { PostgresDatabase } from "./database/postgres-database.ts";
import { prepareSchema } from "./database/schema.ts";
import { checkServer } from "./database/server-check.ts";
import { LibraryReads } from "./library-reads.ts";
import { Hints } from "./log/hints.ts";
import { NoReembeddings } from "./no-reembeddings.ts";
import { documentsAtOnce } from "./log/log-reader.ts";
import { LogWriter } from "./log/log-writer.ts";
import { Positions } from "./log/positions.ts";
import { PostgresDocumentStore } from "./postgres-document-store.ts";
import { PostgresEventStore } from "./postgres-event-store.ts";
import { PostgresKeyStore } from "./postgres-key-store.ts";
import { PostgresLibraryStore } from "./postgres-library-store.ts";
import { PostgresSearchStore } from "./postgres-search-store.ts";
import { PostgresUploadStore } from "./postgres-upload-store.ts";
import { PostgresWebhookStore } from "./webhooks/postgres-webhook-store.ts";
import { Upkeep } from "./upkeep/upkeep.ts";
import { Followers } from "./replicas/followers.ts";

export interface PostgresStoreOptions extends Partial<DataEvents> {
  readonly url: string;
  /** Aborts opening; no effect once the store is open. */
  readonly signal?: AbortSignal | undefined;
  /** Holds replicas, which can be made anew. */
  readonly directory: string;
  readonly thresholds?: Partial<IndexThresholds> | undefined;
  /** Milliseconds without use after which an upload expires; a day unless a test sets it. */
  readonly uploadLifetime?: number | undefined;
  /** Maximum number of documents that replicas read at a time; fewer in tests. */
  readonly documentsAtOnce?: number | undefined;
  /** Milliseconds between looks for what has expired. */
  readonly retentionInterval?: number | undefined;
}

const retentionInterval = 30_000;
const uploadLifetime = limits.idempotencySeconds * 1000;

/**
 * A node of a cluster: PostgreSQL is the source of truth and the log. Searches are answered from replicas in this node, which
 * follow the log; each first asks PostgreSQL for the library's position, so that none is behind what was acknowledged.
 */
export class PostgresStore implements Data {
  readonly libraries: PostgresLibraryStore;
  readonly documents: PostgresDocumentStore;
  readonly uploads: PostgresUploadStore;
  readonly searches: PostgresSearchStore;
  readonly events: PostgresEventStore;
  readonly reembeddings = new NoReembeddings();
  readonly keys: PostgresKeyStore;
  readonly webhooks: PostgresWebhookStore;
  readonly #database: PostgresDatabase;
  readonly #replica: EmbeddedStore;
  readonly #writer: LogWriter;
  readonly #hints: Hints;
  readonly #followers: Followers;
  readonly #upkeep: Upkeep;
  #closed: Promise<void> | undefined;

  /** @throws ArrwError if PostgreSQL or the replicas cannot be used */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const warn = (message: string) => (error: unknown) =>
      options.onLog?.("warn", message, { reason: error instanceof Error ? error.message : String(error) });
    const database = new PostgresDatabase(options.url, warn("a connection to PostgreSQL was lost"));
    try {
      await checkServer(options.url, (message) => options.onLog?.("warn", message, {}));
      options.signal?.throwIfAborted();
      const cluster = await prepareSchema(database);
      await mkdir(options.directory, { recursive: true });
      claimReplicas(options.directory, cluster);
      const { url: _url, uploadLifetime: _lifetime, ...local } = options;
      const replica = await EmbeddedStore.open({ ...local, replica: true });
      const store = new PostgresStore(
        options,
        database,
        replica,
        warn("changes of other nodes could not be read; retrying"),
      );
      await store.#begin();
      return store;
    } catch (error) {
      await database.end();
      throw error;
    }
  }

  private constructor(
    options: PostgresStoreOptions,
    database: PostgresDatabase,
    replica: EmbeddedStore,
    onError: (error: unknown) => void,
  ) {
    this.#database = database;
    this.#replica = replica;
    const writer = new LogWriter(database, (commit) => {
      this.#hints.tell(commit.libraryId, commit.step.library.seq);
      if (commit.overflows) this.#upkeep.overflowed(commit.libraryId);
      return this.#followers.committed(commit);
    });
    this.#writer = writer;
    this.events = new PostgresEventStore(database, writer);
    this.#followers = new Followers({
      database,
      replica: replica.replica,
      documentsAtOnce: options.documentsAtOnce ?? documentsAtOnce,
      publish: (events) => this.events.publish(events),
      onError,
    });
    replica.events.onCommit((events) => this.events.publish(events));
    this.#hints = new Hints({
      url: options.url,
      database,
      onMove: (libraryId, seq) => this.#followers.of(libraryId).heard(seq),
      onKeys: () => void this.keys.look(),
      onWebhooks: () => this.webhooks.look(),
      onGap: () => {
        void this.#followers.look();
        void this.keys.look();
        this.webhooks.look();
      },
      onError,
    });
    this.#upkeep = new Upkeep({
      url: options.url,
      database,
      writer,
      interval: options.retentionInterval ?? retentionInterval,
      uploadLifetime: options.uploadLifetime ?? uploadLifetime,
      onError,
    });
    this.keys = new PostgresKeyStore({ database, tell: () => this.#hints.tellKeys(), onError });
    this.webhooks = new PostgresWebhookStore({
      database,
      // One that is in progress may have begun before what is to be known.
      keysKnown: async () => {
        await this.keys.look();
        await this.keys.look();
      },
      tell: () => this.#hints.tellWebhooks(),
      onError,
    });
    const positions = new Positions(database);
    const reads = new LibraryReads({ positions, followers: this.#followers, writer, replica });
    this.libraries = new PostgresLibraryStore(database, writer, reads);
    this.documents = new PostgresDocumentStore(writer, reads);
    this.uploads = new PostgresUploadStore(database, options.uploadLifetime ?? uploadLifetime);
    this.searches = new PostgresSearchStore(reads);
  }

  /** A cache of this node alone. */
  get embeddings() {
    return this.#replica.embeddings;
  }

  get recovered(): Promise<void> {
    return this.#replica.recovered;
  }

  /** Figures of the replicas. */
  state(timeout: number): Promise<DataState> {
    return this.#replica.state(timeout);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #begin(): Promise<void> {
    // Before positions are read, so that no change falls between.
    await this.#hints.listen();
    await this.#followers.begin(await this.#replica.replica.libraries());
    await this.keys.begin();
    this.#upkeep.begin();
  }

  async #close(): Promise<void> {
    const reason = new ArrwError("shutting_down", "The store is closed");
    this.#database.refuse(reason);
    await this.webhooks.close();
    await this.#upkeep.close();
    await this.#writer.close(reason);
    await this.#hints.close();
    await this.keys.close();
    await this.#followers.close();
    await this.#replica.close();
    this.events.close();
    await this.#database.end();
  }
}
