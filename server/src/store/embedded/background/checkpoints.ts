import type { DatabaseSync } from "node:sqlite";
import type { Log } from "../../engine/threads/thread-messages.ts";
import { type Folded, LogFolding } from "../../engine/rows/write-ahead-log.ts";
import { checkpointThread, type FoldReply } from "./checkpoint-messages.ts";
import type { TypedWorker } from "../../../util/typed-thread.ts";

/** Number of pages of the log not yet in the database from which a checkpoint is made: 16 MB. */
const mostPages = 1_000;
/** Number of remaining pages at which writers wait for the checkpoint, as SQLite resets the log only then. */
const fewPages = 32;
/** Number of pages written during a checkpoint at which writers wait, as the disk cannot keep up otherwise. */
const tooManyPages = 4 * mostPages;
/** Milliseconds before a retry, if a reader holds an old snapshot, and if a checkpoint failed. */
const blockedPause = 200;
const failedPause = 1_000;

/** Pages of the log when the checkpoint was requested, and how many of them were not in the database. */
interface RequestedFold {
  readonly pages: number;
  readonly left: number;
}

/** The database to checkpoint, and callbacks. */
export interface CheckpointsOptions {
  readonly database: DatabaseSync;
  readonly directory: string;
  readonly log: Log;
  /** Called when writers need not wait any more. */
  readonly released: () => void;
}

/**
 * Checkpoints SQLite's write-ahead log. SQLite would do that within a commit, before searches and writers are notified of
 * it: they would wait for up to a third of a second. So it runs on a separate thread, repeatedly, for pages written
 * meanwhile. When few pages remain, or the rest no longer shrinks, writers wait once so that the checkpoint can complete.
 */
export class Checkpoints {
  readonly #folding: LogFolding;
  readonly #directory: string;
  readonly #log: Log;
  readonly #released: () => void;
  #worker: TypedWorker<FoldReply, "fold" | "close"> | undefined;
  #asked: RequestedFold | undefined;
  #holdsWrites = false;
  /** Pages of the log when a checkpoint failed, until one succeeds. */
  #failedAt: number | undefined;
  #notBefore = 0;
  /** The same when few pages remained. */
  #littleNotBefore = 0;

  constructor({ database, directory, log, released }: CheckpointsOptions) {
    this.#folding = new LogFolding(database);
    database.exec("PRAGMA wal_autocheckpoint = 0");
    this.#directory = directory;
    this.#log = log;
    this.#released = released;
  }

  /** Whether writes have to wait, so that the checkpoint can complete. */
  get holdsWrites(): boolean {
    return this.#holdsWrites;
  }

  /** Starts a checkpoint if the log has become long; to be called after commits. */
  work(): void {
    const isPausing = this.#asked === undefined && performance.now() < this.#notBefore;
    if (isPausing && this.#failedAt === undefined) return;
    const { pages, folded } = this.#folding.look();
    // If the log has grown, there is space again.
    if (isPausing && this.#failedAt !== undefined && pages < this.#failedAt + fewPages) return;
    if (this.#asked === undefined) {
      const left = pages - folded;
      // A log of this length should be reset, even if few pages remain; but not at each commit.
      const isEarly = left === 0 || pages < tooManyPages || performance.now() < this.#littleNotBefore;
      if (left < mostPages && isEarly) return;
      // On a full disk the log would use up the space just freed, leaving none for the checkpoint.
      this.#holdsWrites = this.#failedAt !== undefined;
      this.#ask({ pages, left });
      return;
    }
    const since = pages - (pages < this.#asked.pages ? 0 : this.#asked.pages);
    // The rest has to shrink each time, or the checkpoint would never complete.
    if (since > Math.max(tooManyPages, this.#asked.left / 2)) this.#holdsWrites = true;
  }

  /** Ends the thread; resolves when it has closed the database. */
  close(closed: () => void): void {
    const worker = this.#worker;
    if (worker === undefined) return closed();
    worker.worker.once("exit", closed);
    worker.send("close");
  }

  #ask(asked: RequestedFold): void {
    this.#asked = asked;
    if (this.#worker === undefined) {
      this.#worker = checkpointThread.start(this.#directory);
      this.#worker.onMessage((reply) => this.#onReply(reply));
      this.#worker.worker.on("error", (error) => this.#onReply({ error: String(error) }));
      this.#worker.worker.on("exit", () => {
        this.#worker = undefined;
        this.#onReply({ error: "its thread has ended" });
      });
    }
    this.#worker.send("fold");
  }

  #onReply(reply: FoldReply): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const held = this.#holdsWrites;
    this.#asked = undefined;
    this.#holdsWrites = false;
    if ("error" in reply) this.#fail(reply.error);
    else this.#goOn(asked, reply);
    if (held && !this.#holdsWrites) this.#released();
  }

  #goOn(asked: RequestedFold, reply: Folded): void {
    if (this.#failedAt !== undefined) this.#log("info", "the write-ahead log is checkpointed again", {});
    this.#failedAt = undefined;
    // A reader of an old snapshot still needs the pages in the database, so the checkpoint was partial.
    if (reply.folded < asked.pages) return this.#pause(blockedPause);
    const { pages, folded } = this.#folding.look();
    const left = pages - folded;
    if (left === 0) {
      this.#littleNotBefore = performance.now() + blockedPause;
      return;
    }
    this.#holdsWrites = left <= fewPages || left > asked.left / 2;
    this.#ask({ pages, left });
  }

  #fail(reason: string): void {
    if (this.#failedAt === undefined) this.#log("warn", "the write-ahead log could not be checkpointed", { reason });
    this.#failedAt = this.#folding.look().pages;
    this.#pause(failedPause);
  }

  #pause(milliseconds: number): void {
    this.#notBefore = performance.now() + milliseconds;
  }
}
