import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { applySafely } from "./apply-write.ts";
import { Checkpoints } from "../background/checkpoints.ts";
import { Expiries, type ExpiryListener } from "./expiries.ts";
import { EventClock } from "./event-clock.ts";
import { isDiskFailure } from "../../engine/rows/storage-error.ts";
import { lockDirectory } from "../tables/directory-lock.ts";
import { openDatabase } from "../tables/database.ts";
import { DiskReserve } from "../background/disk-reserve.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import type { Log, Outcome } from "../../engine/threads/thread-messages.ts";
import {
  isDeletion,
  type ReadRequest,
  type Request,
  type WriterStatistics,
  type WriterThreadSettings,
  type WriteRequest,
} from "./writer-messages.ts";
import { read } from "./answer-read.ts";
import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { BackgroundWork } from "../background/background-work.ts";
import { Transactions } from "./transactions.ts";
import { endsReembedding } from "../../engine/changes/index-change.ts";
import type { Committed } from "../../engine/search/search-messages.ts";
import { Tables } from "../tables/tables.ts";
import { backfillTexts } from "../../engine/text/backfill-texts.ts";
import { Uploads } from "./uploads.ts";
import { discountRemoved } from "./reembedding-writes.ts";
import { TableWriter } from "./table-writer.ts";

/** Returns the next write of a round, if there is one that may run. */
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

/** Milliseconds per transaction for merging its new terms with existing ones. */
const mergeTime = 2;

/** Number of commits not yet visible to searches at which writing waits for them. */
const unappliedCommits = 2;

interface Unapplied {
  readonly number: number;
  /** Sends the outcomes of writes. */
  readonly finish: () => void;
}

/** Parameters for opening the database. */
export interface GroupCommitterOptions {
  readonly settings: WriterThreadSettings;
  readonly log: Log;
  /** Called with the current step if opening takes long. */
  readonly onStep: (step: string) => void;
  /** Called when `canWrite`, which was false only because of the log, is true again. */
  readonly onReleased: () => void;
  /** Called with the next instant at which documents of a library expire, before the write is answered. */
  readonly onExpiry: ExpiryListener;
}

/** SQLite in the writing thread; everything here is synchronous. */
export class GroupCommitter {
  readonly #reserve: DiskReserve;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #transactions: Transactions;
  readonly #tables: Tables;
  readonly #clock: EventClock;
  readonly #expiries: Expiries;
  readonly #uploads: Uploads;
  readonly #tick;
  readonly #holds = new HoldMeter();
  readonly #unapplied: Unapplied[] = [];
  #commits = 0;
  #writes = 0;
  readonly #background: BackgroundWork;
  readonly #checkpoints: Checkpoints;

  constructor({ settings, log, onStep, onReleased, onExpiry }: GroupCommitterOptions) {
    this.#reserve = new DiskReserve(settings.directory);
    this.#lock = this.#reserve.spend(() => lockDirectory(settings.directory));
    this.#database = this.#reserve.spend(() => openDatabase(settings.directory));
    this.#transactions = new Transactions(this.#database, settings);
    this.#tables = new Tables(this.#database);
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
    this.#expiries = new Expiries(this.#tables, onExpiry);
    if (!settings.replica) this.#expiries.begin();
    this.#uploads = new Uploads(this.#tables, settings.uploadLifetime);
    this.#background = new BackgroundWork({
      database: this.#database,
      transactions: this.#transactions,
      tables: this.#tables,
      holds: this.#holds,
      uploadLifetime: settings.uploadLifetime,
      log,
    });
    this.#reserve.fill();
  }

  /** Whether writes may proceed; otherwise they wait for searches to catch up, or for a checkpoint. */
  get canWrite(): boolean {
    return this.#unapplied.length < unappliedCommits && !this.#checkpoints.holdsWrites;
  }

  /** Whether every write has been answered. */
  get isSettled(): boolean {
    return this.#unapplied.length === 0;
  }

  /**
   * Group commit: writes as many requests as are waiting and fit into a time slice with one fsync. If one fails the
   * transaction, each is retried in a transaction of its own. Changes to libraries are sent to the search thread, and
   * answered once it has reported `applied`.
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
    this.#background.changed(events);
    for (const [id, at] of writer.expiries) this.#expiries.added(id, at);
    if (indexChanges.some(({ dropped }) => dropped)) this.#background.libraryDeleted();
    if (indexChanges.some(endsReembedding)) this.#background.reembeddingEnded();
    const finish = () => {
      // Only now do searches no longer see them.
      for (const id of writer.expired) this.#expiries.removed(id);
      if (events.length > 0) publish(events);
      for (const [request, outcome] of outcomes) answer(request, outcome);
    };
    if (number === undefined) return finish();
    this.#unapplied.push({ number, finish });
    handOver({ type: "committed", number, changes: indexChanges, events });
  }

  /** This commit and earlier ones are visible to searches. */
  applied(number: number): void {
    while (this.#unapplied[0] !== undefined && this.#unapplied[0].number <= number) this.#unapplied.shift()?.finish();
  }

  /** @param held number of waiting writes */
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

  /** Keeps the log short; to be called after a commit was sent to the search thread. */
  fold(): void {
    this.#checkpoints.work();
  }

  /** Runs one slice of background work; returns whether there is more. */
  work(): boolean {
    // All of it writes, so it waits like other writes.
    if (this.#checkpoints.holdsWrites) return false;
    return this.#background.work();
  }

  /** Time has passed: something may have expired, and deletions may have left free space. */
  tick(): void {
    this.#background.allDue();
    this.#reserve.fillFromPlenty();
  }

  close(closed: () => void): void {
    this.#checkpoints.close(() => {
      this.#database.close();
      // The space of the log is free now, and the next start needs some of it, however full the disk is then.
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
      purging: this.#background.purging,
      holds: this.#holds.read(),
      free: this.#background.freeBytes,
    };
  }

  #commit(next: NextWrite) {
    const requests: WriteRequest[] = [];
    const first = next();
    if (first === undefined) return { requests, committed: undefined };
    const frees = isDeletion(first);
    const run = (writer: TableWriter) => {
      const slice = new Slice();
      const outcomes: (readonly [WriteRequest, Outcome<unknown>])[] = [];
      // No position after a document's instant shows it.
      const now = Date.now();
      for (const id of this.#expiries.due(now)) writer.expireDocuments(id, now, slice);
      for (let request: WriteRequest | undefined = first; request !== undefined;) {
        requests.push(request);
        outcomes.push([request, applySafely(writer, this.#tables, request)]);
        // Only operations that free space may exceed the limit of the database.
        request = slice.over ? undefined : next(frees ? isDeletion : undefined);
      }
      discountRemoved(this.#tables, writer.indexChanges);
      // A step takes longer after deletions, so it has a turn of its own then.
      if (frees) this.#background.wordsRemoved();
      else if (writer.indexChanges.length > 0) this.#background.mergeTexts(mergeTime);
      // If no library has changed, the search thread needs no message.
      const isQuiet = writer.events.length === 0 && writer.indexChanges.length === 0;
      const number = isQuiet ? undefined : Number(this.#tick.get()?.["commits"]);
      return { outcomes, writer, number };
    };
    try {
      const committed = frees ? this.#transactions.freeing(() => this.#transaction(run)) : this.#transaction(run);
      return { requests, committed };
    } catch (error) {
      return { requests, committed: undefined, error };
    }
  }

  #transaction<Value>(run: (writer: TableWriter) => Value): Value {
    const writer = new TableWriter(this.#tables, this.#uploads, this.#clock);
    return this.#transactions.run(() => run(writer));
  }
}
