import { KnownHits } from "./answers/known-hits.ts";
import type { Committed } from "./search-messages.ts";
import { SearchReader } from "./search-reader.ts";

/** The commits that the writing thread reports. */
export interface CommitSource {
  /** Blocks until the next commit arrives, which has already been made. */
  next(): Committed;
  /** Notifies the writing thread, which then acknowledges the write to its client. */
  applied(committed: Committed): void;
}

/**
 * The tables as the search thread reads them, in step with the indexes. A read sees one snapshot of the database; before
 * it starts, every commit in this snapshot has been applied to the indexes. So hits never refer to missing rows, and
 * acknowledged writes are visible.
 */
export class SearchView {
  readonly #directory: string;
  readonly #known = new KnownHits();
  readonly #source: CommitSource;
  readonly #onCommit: (committed: Committed) => void;
  /** Reads the snapshot that the indexes reflect. */
  readonly reader: SearchReader;
  #applied: number;

  constructor(directory: string, source: CommitSource, onCommit: (committed: Committed) => void) {
    this.#directory = directory;
    this.reader = this.newReader();
    this.#source = source;
    this.#onCommit = onCommit;
    this.#applied = this.reader.number();
  }

  /** Another reader, for reads that continue while the indexes change. */
  newReader(): SearchReader {
    return new SearchReader(this.#directory, this.#known);
  }

  /** Applies a commit, unless the initial snapshot already contained it. */
  apply(committed: Committed): void {
    if (committed.number <= this.#applied) return;
    this.#applied = committed.number;
    for (const { patched } of committed.changes)
      if (patched !== undefined) this.#known.forget(patched, committed.number);
    this.#onCommit(committed);
  }

  /**
   * Reads one snapshot of the database, the one that the indexes reflect.
   *
   * @param beside starts to read the same snapshot, and keeps it until its own end, whatever is committed
   */
  read<Value>(run: () => Value, beside?: SearchReader): Value {
    for (;;) {
      const shown = this.reader.begin();
      try {
        if (beside !== undefined && beside.begin() !== shown) {
          // Something was committed in between.
          beside.end();
          continue;
        }
        this.#catchUp(shown);
        return run();
      } finally {
        this.reader.end();
      }
    }
  }

  close(): void {
    this.reader.close();
  }

  #catchUp(shown: number): void {
    // The writing thread reports a commit immediately after making it.
    while (this.#applied < shown) {
      const next = this.#source.next();
      this.apply(next);
      this.#source.applied(next);
    }
  }
}
