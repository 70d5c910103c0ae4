import type { DatabaseSync } from "node:sqlite";
import { Slice } from "../../../scheduling/slice.ts";

/** Free pages that are kept, as they will be written to again. */
const keptPages = 256;
/** Pages that are given back before it is asked whether others should have their turn. */
const step = 8;

/**
 * What large deletions leave in the database file: pages that are used again, and beyond some megabytes given back to the
 * disk. A database that was made before this was possible keeps them, until it is vacuumed.
 */
export class FreeSpace {
  readonly #database: DatabaseSync;
  readonly #pageSize: number;
  readonly #givesBack: boolean;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#pageSize = this.#read("page_size");
    this.#givesBack = this.#read("auto_vacuum") === 2;
  }

  get bytes(): number {
    return this.#read("freelist_count") * this.#pageSize;
  }

  /** Gives some of it back, for a slice of time; tells whether there is more. */
  work(): boolean {
    if (!this.#givesBack || this.#read("freelist_count") <= keptPages) return false;
    const slice = new Slice();
    do {
      this.#database.exec(`PRAGMA incremental_vacuum(${step})`);
      if (this.#read("freelist_count") > keptPages) continue;
      // The file becomes shorter when the log is folded into it.
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
      return false;
    } while (!slice.over);
    return true;
  }

  #read(name: "page_size" | "auto_vacuum" | "freelist_count"): number {
    return Number(this.#database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  }
}
