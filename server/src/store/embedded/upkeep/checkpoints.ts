import type { DatabaseSync } from "node:sqlite";
import type { Log } from "../../engine/threads/thread-messages.ts";
import { type Folded, LogFolding } from "../../engine/rows/write-ahead-log.ts";
import { checkpointThread, type FoldReply } from "./checkpoint-messages.ts";
import type { TypedWorker } from "../../../util/typed-thread.ts";

/** Pages of the log that are not in the database, from which on they are copied there: 16 MB. */
const mostPages = 1_000;
/** So few that nobody should write while they are copied, as only then the log begins anew. */
const fewPages = 32;
/** So many written while some are copied that writers wait, as the disk cannot keep up otherwise. */
const tooManyPages = 4 * mostPages;
/** Milliseconds after which it is tried again where somebody reads an old state, and where it failed. */
const blockedPause = 200;
const failedPause = 1_000;

/** Pages of the log when the thread was asked, and how many of them were not in the database. */
interface RequestedFold {
  readonly pages: number;
  readonly left: number;
}

/** What is folded, and who hears of it. */
export interface CheckpointsOptions {
  readonly database: DatabaseSync;
  readonly directory: string;
  readonly log: Log;
  /** Called when writers need not wait any more. */
  readonly released: () => void;
}

/**
 * Folds SQLite's write-ahead log into the database. SQLite would do that within a commit, of which searches know already but
 * have not been told: for up to a third of a second they would wait for it, and every writer. So it is done on a thread
 * that nobody waits for, and again for what came meanwhile. When so little is left, or no less than before, that it would
 * never come to an end, writers wait for it once.
 */
export class Checkpoints {
  readonly #folding: LogFolding;
  readonly #directory: string;
  readonly #log: Log;
  readonly #released: () => void;
  #worker: TypedWorker<FoldReply, "fold" | "close"> | undefined;
  #asked: RequestedFold | undefined;
  #holdsWrites = false;
  /** Pages of the log when it could not be folded, until it can again. */
  #failedAt: number | undefined;
  #notBefore = 0;
  /** The same where little is left. */
  #littleNotBefore = 0;

  constructor({ database, directory, log, released }: CheckpointsOptions) {
    this.#folding = new LogFolding(database);
    database.exec("PRAGMA wal_autocheckpoint = 0");
    this.#directory = directory;
    this.#log = log;
    this.#released = released;
  }

  /** Whether nothing is to be written for now, so that the log can be folded to its end. */
  get holdsWrites(): boolean {
    return this.#holdsWrites;
  }

  /** Begins to fold the log where it has become long; to be called after commits. */
  work(): void {
    const isPausing = this.#asked === undefined && performance.now() < this.#notBefore;
    if (isPausing && this.#failedAt === undefined) return;
    const { pages, folded } = this.#folding.look();
    // There is space again where the log can grow.
    if (isPausing && this.#failedAt !== undefined && pages < this.#failedAt + fewPages) return;
    if (this.#asked === undefined) {
      const left = pages - folded;
      // A log that is that long should begin anew, however little of it is left; but not with each commit.
      const isEarly = left === 0 || pages < tooManyPages || performance.now() < this.#littleNotBefore;
      if (left < mostPages && isEarly) return;
      // On a disk that was full the log would take what came back of it, and there would be none to fold it into.
      this.#holdsWrites = this.#failedAt !== undefined;
      this.#ask({ pages, left });
      return;
    }
    const since = pages - (pages < this.#asked.pages ? 0 : this.#asked.pages);
    // What is left has to become less each time, or there is always more.
    if (since > Math.max(tooManyPages, this.#asked.left / 2)) this.#holdsWrites = true;
  }

  /** Ends the thread, and tells when it has let go of the database. */
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
      this.#worker.onMessage((reply) => this.#told(reply));
      this.#worker.worker.on("error", (error) => this.#told({ error: String(error) }));
      this.#worker.worker.on("exit", () => {
        this.#worker = undefined;
        this.#told({ error: "its thread has ended" });
      });
    }
    this.#worker.send("fold");
  }

  #told(reply: FoldReply): void {
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
    // Whoever reads an old state needs what the database has for it.
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
