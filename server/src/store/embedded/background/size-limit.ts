import type { DatabaseSync } from "node:sqlite";

/** Bytes beyond the limit that deletions may use, as each writes an event before it frees space. */
const reserve = 1024 * 1024;

/** Maximum size of the database file. Deletions still work on a full database. */
export class SizeLimit {
  readonly #database: DatabaseSync;
  readonly #maxBytes: number;
  readonly #pageSize: number;

  constructor(database: DatabaseSync, maxBytes: number) {
    this.#database = database;
    this.#maxBytes = maxBytes;
    this.#pageSize = Number(database.prepare("PRAGMA page_size").get()?.["page_size"] ?? 4096);
    this.#set(maxBytes);
  }

  /** Runs an operation that frees space. */
  relaxed<Value>(run: () => Value): Value {
    this.#set(this.#maxBytes + reserve);
    try {
      return run();
    } finally {
      this.#set(this.#maxBytes);
    }
  }

  #set(bytes: number): void {
    this.#database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytes / this.#pageSize))}`);
  }
}
