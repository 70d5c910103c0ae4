import { Slice } from "../../../scheduling/slice.ts";
import { finish, goOn, type Steps } from "../../../scheduling/steps.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { Log } from "../threads/thread-messages.ts";
import type { LibraryIndex } from "./library-index.ts";
import { reasonOf } from "./reason-of.ts";
import type { Snapshots } from "./snapshots.ts";
import type { PersistentIndex } from "./vector-index.ts";

/** An index is saved once more than this fraction of it has changed. */
const savedFraction = 0.2;

interface Saving {
  readonly library: LibraryIndex;
  readonly index: PersistentIndex;
  readonly steps: Steps<void>;
}

export interface IndexSaverOptions {
  readonly snapshots: Snapshots;
  /** Minimum number of changes before an index is saved; the fraction above has to be reached too. */
  readonly saveAfter: number;
  readonly log: Log;
}

/** Saves indexes with many changes, one at a time and in slices. */
export class IndexSaver {
  readonly #snapshots: Snapshots;
  readonly #saveAfter: number;
  readonly #log: Log;
  /** After a failed save, the number of unsaved changes at which to retry, if greater than `saveAfter`. */
  readonly #saveAt = new WeakMap<LibraryIndex, number>();
  #saving: Saving | undefined;

  constructor({ snapshots, saveAfter, log }: IndexSaverOptions) {
    this.#snapshots = snapshots;
    this.#saveAfter = saveAfter;
    this.#log = log;
  }

  get saving(): boolean {
    return this.#saving !== undefined;
  }

  /** Starts saving the first index that is due; returns whether there was one. */
  begin(libraries: Iterable<LibraryIndex>): boolean {
    for (const library of libraries) {
      const index = library.searchable === undefined ? undefined : library.persistent;
      if (index === undefined || index.savedAtEnd || index.pending > 0) continue;
      const saveAt = this.#saveAt.get(library) ?? this.#saveAfter;
      if (index.unsaved < Math.max(saveAt, index.size * savedFraction)) continue;
      this.#saving = { library, index, steps: this.#snapshots.save(library.row, index) };
      return true;
    }
    return false;
  }

  /** Runs a slice of what `begin` started. */
  continue(): void {
    const saving = this.#saving;
    if (saving === undefined) return;
    const isOver = this.#attempt(saving.library.row, () => goOn(saving.steps, new Slice()));
    if (isOver === false) return;
    this.#saving = undefined;
    if (isOver === true) this.#saveAt.delete(saving.library);
    else this.#saveAt.set(saving.library, saving.index.unsaved + this.#saveAfter);
  }

  /** Cancels saving an index that is about to be closed. */
  abandon(library: LibraryIndex): void {
    if (this.#saving?.library !== library) return;
    this.#saving.steps.return();
    this.#saving = undefined;
  }

  /** Saves unsaved changes in one step. */
  saveNow(library: LibraryIndex): void {
    this.abandon(library);
    library.finishLoading();
    const index = library.persistent;
    if (index === undefined || index.unsaved === 0) return;
    this.#attempt(library.row, () => finish(this.#snapshots.save(library.row, index)));
  }

  /** Returns undefined if it failed. */
  #attempt<Value>({ library }: LibraryRow, save: () => Value): Value | undefined {
    try {
      return save();
    } catch (error) {
      this.#log("warn", "an index could not be saved; it will be rebuilt at the next start", {
        library: library.id,
        reason: reasonOf(error),
      });
      return undefined;
    }
  }
}
