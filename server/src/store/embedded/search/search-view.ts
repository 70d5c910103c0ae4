import type { DatabaseSync } from "node:sqlite";
import { ChunksTable } from "../chunks-table.ts";
import { openReader } from "../database.ts";
import { LibrariesTable } from "../libraries-table.ts";
import { TextIndex } from "../text/text-index.ts";
import { HitsTable } from "./hits-table.ts";
import type { Committed } from "./messages.ts";

/** The commits that the writing thread tells of. */
export interface CommitSource {
  /** Waits for the next one, which has been made. */
  next(): Committed;
  /** Tells the writing thread, which answers whoever wrote it. */
  applied(committed: Committed): void;
}

/**
 * The tables as the search thread reads them, in step with the indexes. A read sees one state of the database; before it
 * begins, every commit that this state shows has been applied to the indexes. So hits never point at nothing, and what a
 * writer was told is found.
 */
export class SearchView {
  readonly libraries: LibrariesTable;
  readonly chunks: ChunksTable;
  readonly texts: TextIndex;
  readonly hits: HitsTable;
  readonly #database: DatabaseSync;
  readonly #commits;
  readonly #source: CommitSource;
  readonly #onCommit: (committed: Committed) => void;
  #applied: number;

  constructor(directory: string, source: CommitSource, onCommit: (committed: Committed) => void) {
    this.#database = openReader(directory, { mapped: true });
    this.libraries = new LibrariesTable(this.#database);
    this.chunks = new ChunksTable(this.#database);
    this.texts = new TextIndex(this.#database);
    this.hits = new HitsTable(this.#database);
    this.#commits = this.#database.prepare("SELECT commits FROM clock");
    this.#source = source;
    this.#onCommit = onCommit;
    this.#applied = this.#number();
  }

  /** Applies a commit, unless the state that the view began with held it already. */
  apply(committed: Committed): void {
    if (committed.number <= this.#applied) return;
    this.#applied = committed.number;
    this.#onCommit(committed);
  }

  /** Reads one state of the database, which is the one that the indexes show. */
  read<Value>(run: () => Value): Value {
    this.#database.exec("BEGIN");
    try {
      const shown = this.#number();
      // The writing thread tells of a commit in the moment after it was made.
      while (this.#applied < shown) {
        const next = this.#source.next();
        this.apply(next);
        this.#source.applied(next);
      }
      return run();
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  close(): void {
    this.#database.close();
  }

  #number(): number {
    return Number(this.#commits.get()?.["commits"] ?? 0);
  }
}
