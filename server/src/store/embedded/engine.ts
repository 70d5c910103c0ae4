import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import { applySafely } from "./apply.ts";
import { isDiskFailure, openDatabase } from "./database.ts";
import { toErrorData } from "./error-data.ts";
import { IndexRegistry } from "./index-registry.ts";
import type { Find } from "./live/messages.ts";
import { StandingAnswers } from "./live/standing-answers.ts";
import type { StandingFeed } from "./live/standing-feed.ts";
import type {
  Log,
  Outcome,
  ReadRequest,
  Request,
  SearchRequest,
  StoreStatistics,
  ThreadSettings,
  WriteRequest,
} from "./messages.ts";
import { read } from "./reader.ts";
import { type Forgetting, Retention } from "./retention.ts";
import { Searcher } from "./searcher.ts";
import { SizeLimit } from "./size-limit.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { Tables } from "./tables.ts";
import { removeUploads, UploadRetention } from "./upload-retention.ts";
import { Uploads } from "./uploads.ts";
import { type IndexChange, Writer } from "./writer.ts";

/** Rows of a deleted library that are removed at a time. */
const purgeSlice = 500;

export type Answer = (request: Request, outcome: Outcome<unknown>) => void;

/** SQLite and the indexes, as the thread runs them: everything here is synchronous. */
export class Engine {
  readonly #database: DatabaseSync;
  readonly #sizeLimit: SizeLimit | undefined;
  readonly #tables: Tables;
  readonly #indexes: IndexRegistry;
  readonly #searcher: Searcher;
  readonly #retention: Retention;
  readonly #feed: StandingFeed;
  readonly #standingAnswers: StandingAnswers;
  readonly #uploads: Uploads;
  readonly #uploadRetention: UploadRetention;
  readonly #log: Log;
  #commits = 0;
  #writes = 0;
  #purging = true;
  #migrating = true;

  constructor(settings: ThreadSettings, feed: StandingFeed, log: Log) {
    this.#log = log;
    this.#database = openDatabase(settings.directory);
    this.#sizeLimit = settings.maxBytes === undefined ? undefined : new SizeLimit(this.#database, settings.maxBytes);
    this.#tables = new Tables(this.#database);
    this.#indexes = new IndexRegistry(this.#tables, new SnapshotFiles(settings.directory), settings.thresholds, log);
    this.#searcher = new Searcher(this.#tables, this.#indexes);
    this.#feed = feed;
    this.#standingAnswers = new StandingAnswers(this.#tables, this.#searcher, feed);
    this.#retention = new Retention(this.#tables);
    this.#retention.allDue();
    this.#uploads = new Uploads(this.#tables, settings.uploadLifetime);
    this.#uploadRetention = new UploadRetention(this.#tables, settings.uploadLifetime);
    this.#indexes.recover();
  }

  /** Commits writes together, with one fsync. Where one spoils it, each has its own transaction, so that none pays for another. */
  write(requests: readonly WriteRequest[], answer: Answer, publish: (events: readonly LibraryEvent[]) => void): void {
    const { committed, error } = this.#commit(requests);
    if (committed === undefined) {
      if (requests.length === 1 || isDiskFailure(error)) {
        for (const request of requests) answer(request, { error: toErrorData(error) });
      } else for (const request of requests) this.write([request], answer, publish);
      return;
    }
    this.#commits++;
    this.#writes += requests.length;
    this.#index(committed.writer.indexChanges);
    this.#feed.publish(committed.writer.indexChanges, committed.writer.events, this.#tables.chunks);
    for (const { library_id } of committed.writer.events) this.#retention.changed(library_id);
    if (committed.writer.events.length > 0) publish(committed.writer.events);
    for (const [request, outcome] of committed.outcomes) answer(request, outcome);
  }

  /** Answers searches; those of one library together. */
  search(requests: readonly SearchRequest[], answer: Answer): void {
    for (const [libraryId, group] of Map.groupBy(requests, ({ take }) => take.libraryId)) {
      try {
        const found = this.#searcher.search(
          libraryId,
          group.map(({ take }) => take.search),
        );
        for (const [index, request] of group.entries()) answer(request, { value: found[index] });
      } catch (error) {
        if (group.length === 1 && group[0] !== undefined) answer(group[0], { error: toErrorData(error) });
        else for (const request of group) this.search([request], answer);
      }
    }
  }

  /** Answers searches of the live thread; it has been told of every change before. */
  find(finds: readonly Find[]): void {
    this.#standingAnswers.answer(finds);
  }

  read(request: ReadRequest, answer: Answer): void {
    try {
      const value = request.operation === "statistics" ? this.#statistics() : read(this.#tables, request);
      answer(request, { value });
    } catch (error) {
      answer(request, { error: toErrorData(error) });
    }
  }

  /** Does one slice of what can wait; tells whether there is more. */
  work(): boolean {
    this.#migrating = this.#indexes.work();
    return this.#migrating || this.#purge() || this.#forget(this.#retention) || this.#forget(this.#uploadRetention);
  }

  /** Time has passed: something may be old enough to be forgotten. */
  tick(): void {
    this.#retention.allDue();
    this.#uploadRetention.allDue();
  }

  close(): void {
    this.#indexes.saveAll();
    this.#database.close();
  }

  #statistics(): StoreStatistics {
    return { commits: this.#commits, writes: this.#writes, purging: this.#purging, migrating: this.#migrating };
  }

  #commit(requests: readonly WriteRequest[]) {
    const run = (writer: Writer) =>
      requests.map((request) => [request, applySafely(writer, this.#tables, request)] as const);
    try {
      const committed = requests.every(isDeletion)
        ? this.#freeing(() => this.#transaction(run))
        : this.#transaction(run);
      return { committed };
    } catch (error) {
      return { error };
    }
  }

  /** Runs what frees space, where the limit of the database may be exceeded for it. */
  #freeing<Value>(run: () => Value): Value {
    return this.#sizeLimit === undefined ? run() : this.#sizeLimit.relaxed(run);
  }

  #transaction<Value>(run: (writer: Writer) => Value): { readonly outcomes: Value; readonly writer: Writer } {
    const writer = new Writer(this.#tables, this.#uploads);
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const outcomes = run(writer);
      this.#database.exec("COMMIT");
      return { outcomes, writer };
    } catch (error) {
      // SQLite has rolled back by itself after some failures.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** The commit stands whatever happens here: an index that fails is made again from the tables. */
  #index(changes: readonly IndexChange[]): void {
    const caughtUp = new Set<number>();
    for (const { row, added, removed, dropped } of changes) {
      if (dropped) {
        this.#indexes.drop(row);
        this.#purging = true;
        continue;
      }
      if (caughtUp.has(row.key)) continue;
      try {
        const opened = this.#indexes.peek(row.key);
        if (opened === undefined) {
          // Opening reads the tables, which hold every change of this transaction already.
          this.#indexes.get(row);
          caughtUp.add(row.key);
          continue;
        }
        opened.remove(removed);
        for (const { key, vector } of added) opened.add(key, vector);
      } catch (error) {
        this.#log("error", "an index failed and will be rebuilt", { library: row.library.id, reason: String(error) });
        this.#indexes.forget(row.key);
      }
    }
  }

  #purge(): boolean {
    if (!this.#purging) return false;
    const key = this.#tables.libraries.nextDeleted();
    this.#purging = key !== undefined;
    if (key === undefined) return false;
    try {
      this.#freeing(() => this.#transaction(() => this.#purgeSlice(key)));
    } catch (error) {
      // Goes on at the next deletion or start; until then the rows are unseen, and only take space.
      this.#purging = false;
      this.#log("warn", "a deleted library could not be purged", { reason: String(error) });
    }
    return this.#purging;
  }

  #forget(old: Forgetting): boolean {
    if (!old.pending) return false;
    try {
      return this.#freeing(() => this.#transaction(() => old.work(new Date()))).outcomes;
    } catch (error) {
      this.#log("warn", "what is too old could not be removed; the next look does", { reason: String(error) });
      return false;
    }
  }

  #purgeSlice(key: number): void {
    const { chunks, documents, events, libraries } = this.#tables;
    const removed =
      chunks.purge(key, purgeSlice) ||
      documents.purge(key, purgeSlice) ||
      events.purge(key, purgeSlice) ||
      removeUploads(this.#tables, this.#tables.uploads.ofLibrary(key, purgeSlice), purgeSlice);
    if (removed === 0) libraries.remove(key);
  }
}

const isDeletion = ({ operation }: WriteRequest) => operation === "deleteDocument" || operation === "deleteLibrary";
