import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import { applySafely } from "./apply.ts";
import { isDiskFailure, lockDirectory, openDatabase } from "./database.ts";
import { toErrorData } from "./error-data.ts";
import type {
  Log,
  Outcome,
  ReadRequest,
  Request,
  WriterStatistics,
  WriterThreadSettings,
  WriteRequest,
} from "./messages.ts";
import { read } from "./reader.ts";
import { type Forgetting, Retention } from "./retention.ts";
import { SizeLimit } from "./size-limit.ts";
import type { Committed } from "./search/messages.ts";
import { Tables } from "./tables.ts";
import { backfillTexts } from "./text/backfill.ts";
import { removeUploads, UploadRetention } from "./upload-retention.ts";
import { Uploads } from "./uploads.ts";
import { Webhooks } from "./webhooks/webhooks.ts";
import { Writer } from "./writer.ts";

/** Rows of a deleted library that are removed at a time. */
const purgeSlice = 500;

export type Answer = (request: Request, outcome: Outcome<unknown>) => void;

/** Commits that searches do not show yet, at which writing waits for them. */
const unappliedCommits = 2;

interface Unapplied {
  readonly number: number;
  /** Answers those who wrote. */
  readonly finish: () => void;
}

/** SQLite, as the writing thread runs it: everything here is synchronous. */
export class Engine {
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #sizeLimit: SizeLimit | undefined;
  readonly #tables: Tables;
  readonly #retention: Retention;
  readonly #uploads: Uploads;
  readonly #uploadRetention: UploadRetention;
  readonly #log: Log;
  readonly #tick;
  readonly #unapplied: Unapplied[] = [];
  #commits = 0;
  #writes = 0;
  #purging = true;

  /** @param onStep is told what opening does, where that takes long. */
  constructor(settings: WriterThreadSettings, log: Log, onStep: (step: string) => void) {
    this.#log = log;
    this.#lock = lockDirectory(settings.directory);
    this.#database = openDatabase(settings.directory);
    this.#sizeLimit = settings.maxBytes === undefined ? undefined : new SizeLimit(this.#database, settings.maxBytes);
    this.#tables = new Tables(this.#database);
    const backfilled = backfillTexts(this.#database, this.#tables.texts, () => onStep("making older texts searchable"));
    if (backfilled > 0) log("info", "texts were made searchable", { chunks: backfilled });
    this.#tick = this.#database.prepare("UPDATE clock SET commits = commits + 1 RETURNING commits");
    this.#retention = new Retention(this.#tables);
    this.#retention.allDue();
    this.#uploads = new Uploads(this.#tables, settings.uploadLifetime);
    this.#uploadRetention = new UploadRetention(this.#tables, settings.uploadLifetime);
  }

  /** Whether writes may go on; otherwise they wait until searches show what was written. */
  get canWrite(): boolean {
    return this.#unapplied.length < unappliedCommits;
  }

  /** Whether every write has been answered. */
  get isSettled(): boolean {
    return this.#unapplied.length === 0;
  }

  /**
   * Commits writes together, with one fsync. Where one spoils it, each has its own transaction, so that none pays for
   * another. What changed a library is handed over to the search thread, and answered when that has `applied` it.
   */
  write(
    requests: readonly WriteRequest[],
    answer: Answer,
    publish: (events: readonly LibraryEvent[]) => void,
    handOver: (committed: Committed) => void,
  ): void {
    const { committed, error } = this.#commit(requests);
    if (committed === undefined) {
      if (requests.length === 1 || isDiskFailure(error)) {
        for (const request of requests) answer(request, { error: toErrorData(error) });
      } else for (const request of requests) this.write([request], answer, publish, handOver);
      return;
    }
    const { writer, outcomes, number } = committed;
    const { events, indexChanges } = writer;
    this.#commits++;
    this.#writes += requests.length;
    for (const { library_id } of events) this.#retention.changed(library_id);
    if (indexChanges.some(({ dropped }) => dropped)) this.#purging = true;
    const finish = () => {
      if (events.length > 0) publish(events);
      for (const [request, outcome] of outcomes) answer(request, outcome);
    };
    if (number === undefined) return finish();
    this.#unapplied.push({ number, finish });
    handOver({ type: "committed", number, changes: indexChanges, events });
  }

  /** Searches show what this commit, and those before it, have changed. */
  applied(number: number): void {
    while (this.#unapplied[0] !== undefined && this.#unapplied[0].number <= number) this.#unapplied.shift()?.finish();
  }

  /** @param held writes that wait */
  read(request: ReadRequest, answer: Answer, held: number): void {
    try {
      const value = request.operation === "statistics" ? this.#statistics(held) : read(this.#tables, request);
      answer(request, { value });
    } catch (error) {
      answer(request, { error: toErrorData(error) });
    }
  }

  /** Does one slice of what can wait; tells whether there is more. */
  work(): boolean {
    return this.#purge() || this.#forget(this.#retention) || this.#forget(this.#uploadRetention);
  }

  /** Time has passed: something may be old enough to be forgotten. */
  tick(): void {
    this.#retention.allDue();
    this.#uploadRetention.allDue();
  }

  close(): void {
    this.#database.close();
    this.#lock.close();
  }

  #statistics(held: number): WriterStatistics {
    return { commits: this.#commits, writes: this.#writes, held, purging: this.#purging };
  }

  #commit(requests: readonly WriteRequest[]) {
    const run = (writer: Writer) => {
      const outcomes = requests.map((request) => [request, applySafely(writer, this.#tables, request)] as const);
      // Without events no library has changed, and nobody has to hear of it.
      const number = writer.events.length === 0 ? undefined : Number(this.#tick.get()?.["commits"]);
      return { outcomes, writer, number };
    };
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

  #transaction<Value>(run: (writer: Writer) => Value): Value {
    const writer = new Writer(this.#tables, this.#uploads);
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const value = run(writer);
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      // SQLite has rolled back by itself after some failures.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
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
      return this.#freeing(() => this.#transaction(() => old.work(new Date())));
    } catch (error) {
      this.#log("warn", "what is too old could not be removed; the next look does", { reason: String(error) });
      return false;
    }
  }

  #purgeSlice(key: number): void {
    const { texts, chunks, documents, events, libraries } = this.#tables;
    const removed =
      texts.purge(key, purgeSlice) ||
      chunks.purge(key, purgeSlice) ||
      documents.purge(key, purgeSlice) ||
      events.purge(key, purgeSlice) ||
      new Webhooks(this.#tables).purge(key) ||
      removeUploads(this.#tables, this.#tables.uploads.ofLibrary(key, purgeSlice), purgeSlice);
    if (removed === 0) libraries.remove(key);
  }
}

/** What frees space, and what must be possible on a full disk. */
const deletions: ReadonlySet<string> = new Set(["deleteDocument", "deleteLibrary", "deleteWebhook", "revokeKey"]);
const isDeletion = ({ operation }: WriteRequest) => deletions.has(operation);
