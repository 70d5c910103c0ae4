import type { DatabaseSync } from "node:sqlite";
import { Slice } from "../../../scheduling/slice.ts";

/** Free pages to keep for later writes. */
const keptPages = 256;
/** Pages released per step. */
const step = 8;

/**
 * Free pages that large deletions leave in the database file: they are reused, and beyond some megabytes released to the
 * disk. A database created before this was supported keeps them until it is vacuumed.
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

  /** Releases some of it, for a time slice; returns whether there is more. */
  work(): boolean {
    if (!this.#givesBack || this.#read("freelist_count") <= keptPages) return false;
    const slice = new Slice();
    do {
      this.#database.exec(`PRAGMA incremental_vacuum(${step})`);
      if (this.#read("freelist_count") > keptPages) continue;
      // The file is truncated at the next checkpoint.
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
      return false;
    } while (!slice.over);
    return true;
  }

  #read(name: "page_size" | "auto_vacuum" | "freelist_count"): number {
    return Number(this.#database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  }
}
