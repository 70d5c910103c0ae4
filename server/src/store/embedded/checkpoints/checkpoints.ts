import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { Log } from "../messages.ts";
import { LogFolding } from "./fold-log.ts";
import type { FoldReply } from "./worker.ts";

/** Pages of the log that are not in the database, from which on they are copied there: 16 MB. */
const mostPages = 1_000;
/** So few that the writing thread copies the last of them, as only then the log begins anew. */
const fewPages = 32;
/** So many that it copies them however long that takes: the disk cannot keep up otherwise. */
const tooManyPages = 4 * mostPages;
/** Milliseconds after which it is tried again where somebody reads an old state, and where it failed. */
const blockedPause = 200;
const failedPause = 10_000;

/**
 * Folds SQLite's write-ahead log into the database. SQLite would do that within a commit, of which searches know already but
 * have not been told: for up to a third of a second they would wait for it, and every writer. So it is done on a thread
 * that nobody waits for, and again for what came meanwhile, until so little is left that the writing thread can end it.
 */
export class Checkpoints {
  readonly #folding: LogFolding;
  readonly #directory: string;
  readonly #log: Log;
  readonly #measure: (run: () => void) => void;
  #worker: Worker | undefined;
  /** Pages that there were when the thread began. */
  #asked: number | undefined;
  #hasFailed = false;
  #notBefore = 0;

  /** @param measure is given what holds the writing thread */
  constructor(database: DatabaseSync, directory: string, log: Log, measure: (run: () => void) => void) {
    this.#folding = new LogFolding(database);
    database.exec("PRAGMA wal_autocheckpoint = 0");
    this.#directory = directory;
    this.#log = log;
    this.#measure = measure;
  }

  /** Begins to fold the log where it has become long; to be called after commits. */
  work(): void {
    if (this.#asked !== undefined || performance.now() < this.#notBefore) return;
    const { pages, folded } = this.#folding.look();
    if (pages - folded < mostPages) return;
    if (pages - folded < tooManyPages) this.#ask(pages);
    else this.#end();
  }

  /** Ends the thread, and tells when it has let go of the database. */
  close(closed: () => void): void {
    const worker = this.#worker;
    if (worker === undefined) return closed();
    worker.once("exit", closed);
    worker.postMessage("close");
  }

  #ask(pages: number): void {
    this.#asked = pages;
    if (this.#worker === undefined) {
      this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: this.#directory });
      this.#worker.on("message", (reply: FoldReply) => this.#told(reply));
      this.#worker.on("error", (error) => this.#told({ error: String(error) }));
      this.#worker.on("exit", () => (this.#worker = undefined));
    }
    this.#worker.postMessage("fold");
  }

  #told(reply: FoldReply): void {
    const asked = this.#asked ?? 0;
    this.#asked = undefined;
    if ("error" in reply) return this.#fail(reply.error);
    this.#hasFailed = false;
    const { pages, folded } = this.#folding.look();
    // Whoever reads an old state needs what the database has for it.
    if (reply.folded < asked) this.#pause(blockedPause);
    else if (pages - folded <= fewPages) this.#end();
    else this.#ask(pages);
  }

  /** The rest of it, here: nobody writes meanwhile. */
  #end(): void {
    try {
      this.#measure(() => this.#folding.fold());
      this.#pause(blockedPause);
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #fail(reason: string): void {
    if (!this.#hasFailed) this.#log("warn", "the log of the database could not be folded into it", { reason });
    this.#hasFailed = true;
    this.#pause(failedPause);
  }

  #pause(milliseconds: number): void {
    this.#notBefore = performance.now() + milliseconds;
  }
}
