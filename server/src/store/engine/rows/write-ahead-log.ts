import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Number of pages in SQLite's write-ahead log, and how many of them are in the database too. */
export interface Folded {
  readonly pages: number;
  readonly folded: number;
}

/** Reads the state of the log, or checkpoints it as far as no reader uses an older snapshot. */
export class LogFolding {
  readonly #look: StatementSync;
  readonly #fold: StatementSync;

  constructor(database: DatabaseSync) {
    this.#look = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#fold = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  }

  look(): Folded {
    return toFolded(this.#look.get());
  }

  /** The log is reset by the next write if all of it was checkpointed. */
  fold(): Folded {
    return toFolded(this.#fold.get());
  }
}

/** Both are -1 if there is no log yet. */
const toFolded = (row: Record<string, unknown> | undefined): Folded => ({
  pages: Math.max(0, Number(row?.["log"] ?? 0)),
  folded: Math.max(0, Number(row?.["checkpointed"] ?? 0)),
});
