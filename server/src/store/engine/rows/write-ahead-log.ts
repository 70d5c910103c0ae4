import type { DatabaseSync, StatementSync } from "node:sqlite";

/** How many pages SQLite's write-ahead log has, and how many of them are in the database too. */
export interface Folded {
  readonly pages: number;
  readonly folded: number;
}

/** A look at the log, or a fold of it into the database as far as nobody reads the state before. */
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

  /** The log begins anew with the next write when all of it is folded. */
  fold(): Folded {
    return toFolded(this.#fold.get());
  }
}

/** Both are -1 where there is no log yet. */
const toFolded = (row: Record<string, unknown> | undefined): Folded => ({
  pages: Math.max(0, Number(row?.["log"] ?? 0)),
  folded: Math.max(0, Number(row?.["checkpointed"] ?? 0)),
});
