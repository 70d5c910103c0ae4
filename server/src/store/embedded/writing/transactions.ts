import type { DatabaseSync } from "node:sqlite";
import type { WriterThreadSettings } from "./writer-messages.ts";
import { SizeLimit } from "../background/size-limit.ts";

/** How the writing thread changes the database. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #synchronous: "NORMAL" | "FULL";
  readonly #sizeLimit: SizeLimit | undefined;

  constructor(database: DatabaseSync, { maxBytes, replica }: Pick<WriterThreadSettings, "maxBytes" | "replica">) {
    this.#database = database;
    this.#synchronous = replica ? "NORMAL" : "FULL";
    this.#synchronize(this.#synchronous);
    this.#sizeLimit = maxBytes === undefined ? undefined : new SizeLimit(database, maxBytes);
  }

  /** Commits what it runs, or nothing of it if that throws. */
  run<Value>(run: () => Value): Value {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const value = run();
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      // After some failures SQLite has already rolled back.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Runs an operation that frees space, which may exceed the limit of the database. */
  freeing<Value>(run: () => Value): Value {
    return this.#sizeLimit === undefined ? run() : this.#sizeLimit.relaxed(run);
  }

  /** Runs work that is not acknowledged to clients: it is repeated after a crash, so it need not wait for the disk. */
  lazily<Value>(run: () => Value): Value {
    this.#synchronize("NORMAL");
    try {
      return run();
    } finally {
      this.#synchronize(this.#synchronous);
    }
  }

  #synchronize(how: "NORMAL" | "FULL"): void {
    this.#database.exec(`PRAGMA synchronous = ${how}`);
  }
}
