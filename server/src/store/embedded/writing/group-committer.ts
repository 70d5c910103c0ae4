import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import { applySafely } from "./apply-write.ts";
import { Checkpoints } from "../upkeep/checkpoints.ts";
import { EventClock } from "./event-clock.ts";
import { isDiskFailure } from "../../engine/rows/storage-error.ts";
import { lockDirectory } from "../tables/directory-lock.ts";
import { openDatabase } from "../tables/database.ts";
import { DiskReserve } from "../upkeep/disk-reserve.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import { FreeSpace } from "../upkeep/free-space.ts";
import type { Log, Outcome } from "../../engine/threads/thread-messages.ts";
import type { ReadRequest, Request, WriterStatistics, WriterThreadSettings, WriteRequest } from "./writer-messages.ts";
import { read } from "./answer-read.ts";
import { type Forgetting, Retention } from "../upkeep/retention.ts";
import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { SizeLimit } from "../upkeep/size-limit.ts";
import type { Committed } from "../../engine/search/search-messages.ts";
import { Tables } from "../tables/tables.ts";
import { backfillTexts } from "../../engine/text/backfill-texts.ts";
import { removeUploads, UploadRetention } from "../upkeep/upload-retention.ts";
import { Uploads } from "./uploads.ts";
import { WebhookWrites } from "./webhook-writes.ts";
import { Writer } from "./writer.ts";

/** Rows of a deleted library that are removed before it is asked whether others should have their turn. */
const purgeStep = 16;

/** The next write of a round, where there is one, and it may go. */
export type NextWrite = (mayGo?: (request: WriteRequest) => boolean) => WriteRequest | undefined;

function only(request: WriteRequest): NextWrite {
  let left: WriteRequest | undefined = request;
  return () => {
    const taken = left;
    left = undefined;
    return taken;
  };
}

export type AnswerRequest = (request: Request, outcome: Outcome<unknown>) => void;

/** Milliseconds of a transaction in which rows of a deleted library are removed. */
const purgeTime = 2;

/** Milliseconds of a transaction in which what it wrote is merged with what there is. */
const mergeTime = 2;

/** Commits that searches do not show yet, at which writing waits for them. */
const unappliedCommits = 2;

interface Unapplied {
  readonly number: number;
  /** Answers those who wrote. */
  readonly finish: () => void;
}

/** What the database is opened with. */
export interface GroupCommitterOptions {
  readonly settings: WriterThreadSettings;
  readonly log: Log;
  /** Is told what opening does, where that takes long. */
  readonly onStep: (step: string) => void;
  /** Called when `canWrite` was not true for the log of the database alone, and is again. */
  readonly onReleased: () => void;
}

/** SQLite, as the writing thread runs it: everything here is synchronous. */
export class GroupCommitter {
  readonly #reserve: DiskReserve;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #sizeLimit: SizeLimit | undefined;
  readonly #tables: Tables;
  readonly #clock: EventClock;
  readonly #retention: Retention;
  readonly #uploads: Uploads;
  readonly #uploadRetention: UploadRetention;
  readonly #log: Log;
  readonly #tick;
  readonly #holds = new HoldMeter();
  readonly #unapplied: Unapplied[] = [];
  #commits = 0;
  #writes = 0;
  #purging = true;
  #merging = true;
  #givingBack = true;
  readonly #freeSpace: FreeSpace;
  readonly #checkpoints: Checkpoints;

  constructor({ settings, log, onStep, onReleased }: GroupCommitterOptions) {
    this.#log = log;
    this.#reserve = new DiskReserve(settings.directory);
    this.#lock = this.#reserve.spend(() => lockDirectory(settings.directory));
    this.#database = this.#reserve.spend(() => openDatabase(settings.directory));
    this.#sizeLimit = settings.maxBytes === undefined ? undefined : new SizeLimit(this.#database, settings.maxBytes);
    this.#tables = new Tables(this.#database);
    this.#freeSpace = new FreeSpace(this.#database);
    const backfilled = backfillTexts(this.#database, this.#tables.texts, () => onStep("making older texts searchable"));
    if (backfilled > 0) log("info", "existing texts were indexed for keyword search", { chunks: backfilled });
    this.#checkpoints = new Checkpoints({
      database: this.#database,
      directory: settings.directory,
      log,
      released: onReleased,
    });
    this.#tick = this.#database.prepare("UPDATE clock SET commits = commits + 1 RETURNING commits");
    this.#clock = new EventClock(this.#tables.events);
    this.#retention = new Retention(this.#tables);
    this.#retention.allDue();
    this.#uploads = new Uploads(this.#tables, settings.uploadLifetime);
    this.#uploadRetention = new UploadRetention(this.#tables, settings.uploadLifetime);
    this.#reserve.fill();
  }

  /** Whether writes may go on; otherwise they wait until searches show what was written, or its log has been folded. */
  get canWrite(): boolean {
    return this.#unapplied.length < unappliedCommits && !this.#checkpoints.holdsWrites;
  }

  /** Whether every write has been answered. */
  get isSettled(): boolean {
    return this.#unapplied.length === 0;
  }

  /**
   * Commits writes together, with one fsync, as many as come and fit in a slice of time. Where one spoils it, each has its
   * own transaction, so that none pays for another. What changed a library is handed over to the search thread, and
   * answered when that has `applied` it.
   */
  write(
    next: NextWrite,
    answer: AnswerRequest,
    publish: (events: readonly LibraryEvent[]) => void,
    handOver: (committed: Committed) => void,
  ): void {
    const { requests, committed, error } = this.#holds.measure("write", () => this.#commit(next));
    if (requests.length === 0) return;
    if (committed === undefined) {
      if (requests.length === 1 || isDiskFailure(error)) {
        for (const request of requests) answer(request, { error: toErrorData(error) });
      } else for (const request of requests) this.write(only(request), answer, publish, handOver);
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
  read(request: ReadRequest, answer: AnswerRequest, held: number): void {
    try {
      const value = this.#holds.measure("read", () =>
        request.operation === "statistics" ? this.#statistics(held) : read(this.#tables, request),
      );
      answer(request, { value });
    } catch (error) {
      answer(request, { error: toErrorData(error) });
    }
  }

  /** Keeps the log of the database short; to be called after what was written was handed over. */
  fold(): void {
    this.#checkpoints.work();
  }

  /** Does one slice of what can wait; tells whether there is more. */
  work(): boolean {
    // All of it writes. It goes on when writes do.
    if (this.#checkpoints.holdsWrites) return false;
    return (
      this.#merge() ||
      this.#purge() ||
      this.#forget("retention", this.#retention) ||
      this.#forget("uploads", this.#uploadRetention) ||
      this.#giveBack()
    );
  }

  /** Time has passed: something may be old enough to be forgotten, and what was removed since may have left much space. */
  tick(): void {
    this.#retention.allDue();
    this.#uploadRetention.allDue();
    this.#givingBack = true;
    this.#reserve.fillFromPlenty();
  }

  close(closed: () => void): void {
    this.#checkpoints.close(() => {
      this.#database.close();
      // What the log took is free now, and the next start will want some of it, however full the disk is then.
      this.#reserve.fill();
      this.#lock.close();
      closed();
    });
  }

  #statistics(held: number): WriterStatistics {
    return {
      commits: this.#commits,
      writes: this.#writes,
      held,
      purging: this.#purging,
      holds: this.#holds.read(),
      free: this.#freeSpace.bytes,
    };
  }

  #commit(next: NextWrite) {
    const requests: WriteRequest[] = [];
    const first = next();
    if (first === undefined) return { requests, committed: undefined };
    const frees = isDeletion(first);
    const run = (writer: Writer) => {
      const slice = new Slice();
      const outcomes: (readonly [WriteRequest, Outcome<unknown>])[] = [];
      for (let request: WriteRequest | undefined = first; request !== undefined;) {
        requests.push(request);
        outcomes.push([request, applySafely(writer, this.#tables, request)]);
        // Where the limit of the database is exceeded, it is for what frees space and nothing else.
        request = slice.over ? undefined : next(frees ? isDeletion : undefined);
      }
      if (writer.indexChanges.length > 0) this.#mergeTexts(mergeTime);
      // Without events no library has changed, and nobody has to hear of it.
      const number = writer.events.length === 0 ? undefined : Number(this.#tick.get()?.["commits"]);
      return { outcomes, writer, number };
    };
    try {
      const committed = frees ? this.#freeing(() => this.#transaction(run)) : this.#transaction(run);
      return { requests, committed };
    } catch (error) {
      return { requests, committed: undefined, error };
    }
  }

  /** Runs what frees space, where the limit of the database may be exceeded for it. */
  #freeing<Value>(run: () => Value): Value {
    return this.#sizeLimit === undefined ? run() : this.#sizeLimit.relaxed(run);
  }

  #transaction<Value>(run: (writer: Writer) => Value): Value {
    const writer = new Writer(this.#tables, this.#uploads, this.#clock);
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

  /** Runs what nobody is told of: what a crash takes of it is done again, so it need not wait for the disk. */
  #lazily<Value>(run: () => Value): Value {
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      return run();
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
  }

  #lazyTransaction<Value>(run: () => Value): Value {
    return this.#lazily(() => this.#transaction(run));
  }

  #merge(): boolean {
    if (!this.#merging) return false;
    try {
      this.#holds.measure("merge", () => this.#lazyTransaction(() => this.#mergeTexts()));
    } catch (error) {
      this.#merging = false;
      this.#log("warn", "the keyword index could not be merged; retrying with the next change", {
        reason: String(error),
      });
    }
    return this.#merging;
  }

  #giveBack(): boolean {
    if (!this.#givingBack) return false;
    try {
      const work = () => this.#freeing(() => this.#freeSpace.work());
      this.#givingBack = this.#lazily(() => this.#holds.measure("vacuum", work));
    } catch (error) {
      this.#givingBack = false;
      this.#log("warn", "free space could not be returned to the disk; retrying later", { reason: String(error) });
    }
    return this.#givingBack;
  }

  #mergeTexts(milliseconds?: number): void {
    const slice = new Slice(milliseconds);
    do this.#merging = this.#tables.texts.merge();
    while (this.#merging && !slice.over);
  }

  #purge(): boolean {
    if (!this.#purging) return false;
    const key = this.#tables.libraries.nextDeleted();
    this.#purging = key !== undefined;
    this.#givingBack = true;
    if (key === undefined) return false;
    try {
      this.#holds.measure("purge", () => this.#freeing(() => this.#lazyTransaction(() => this.#purgeSlice(key))));
    } catch (error) {
      // Goes on at the next deletion or start; until then the rows are unseen, and only take space.
      this.#purging = false;
      this.#log("warn", "a deleted library could not be purged; retrying later", { reason: String(error) });
    }
    return this.#purging;
  }

  #forget(work: string, old: Forgetting): boolean {
    if (!old.pending) return false;
    try {
      return this.#holds.measure(work, () => this.#freeing(() => this.#lazyTransaction(() => old.work(new Date()))));
    } catch (error) {
      this.#log("warn", "expired data could not be removed; retrying later", { reason: String(error) });
      return false;
    }
  }

  #purgeSlice(key: number): void {
    // What is removed costs as much again in the commit.
    const slice = new Slice(purgeTime);
    this.#merging = true;
    while (!slice.over) {
      if (this.#purgeStep(key) > 0) continue;
      this.#tables.libraries.remove(key);
      return;
    }
  }

  /** Removes some rows of a deleted library; tells how many. */
  #purgeStep(key: number): number {
    const { texts, chunks, documents, events } = this.#tables;
    return (
      texts.purge(key, purgeStep) ||
      chunks.purge(key, purgeStep) ||
      documents.purge(key, purgeStep) ||
      events.purge(key, purgeStep) ||
      new WebhookWrites(this.#tables).purge(key) ||
      removeUploads(this.#tables, this.#tables.uploads.ofLibrary(key, purgeStep), purgeStep)
    );
  }
}

/** What frees space, and what must be possible on a full disk. */
const deletions: ReadonlySet<string> = new Set(["deleteDocument", "deleteLibrary", "deleteWebhook", "revokeKey"]);
const isDeletion = ({ operation }: WriteRequest) => deletions.has(operation);
