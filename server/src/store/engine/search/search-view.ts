import { newKnownHits } from "./hits-table.ts";
import type { Committed } from "./search-messages.ts";
import { SearchReader } from "./search-reader.ts";

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
  readonly #directory: string;
  readonly #known = newKnownHits();
  readonly #source: CommitSource;
  readonly #onCommit: (committed: Committed) => void;
  /** Reads what the indexes show. */
  readonly reader: SearchReader;
  #applied: number;

  constructor(directory: string, source: CommitSource, onCommit: (committed: Committed) => void) {
    this.#directory = directory;
    this.reader = this.newReader();
    this.#source = source;
    this.#onCommit = onCommit;
    this.#applied = this.reader.number();
  }

  /** Another one, for reading that goes on while the indexes change. */
  newReader(): SearchReader {
    return new SearchReader(this.#directory, this.#known);
  }

  /** Applies a commit, unless the state that the view began with held it already. */
  apply(committed: Committed): void {
    if (committed.number <= this.#applied) return;
    this.#applied = committed.number;
    this.#onCommit(committed);
  }

  /**
   * Reads one state of the database, which is the one that the indexes show.
   *
   * @param beside begins to read the same state, which it goes on to read until its end, whatever is committed
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
    // The writing thread tells of a commit in the moment after it was made.
    while (this.#applied < shown) {
      const next = this.#source.next();
      this.apply(next);
      this.#source.applied(next);
    }
  }
}
