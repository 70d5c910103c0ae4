import type { LibraryRow } from "../../engine/rows/libraries-table.ts";
import type { Tables } from "../tables/tables.ts";
import { Slice } from "../../../scheduling/slice.ts";

/** Events that are removed before it is asked whether others should have their turn. */
const slice = 100;

/** Libraries that are looked at, before it is asked. */
const stretch = 64;

/** Something that becomes too old, and is removed a slice at a time, when nothing else waits or it has been long. */
export interface Forgetting {
  /** Whether there is something to look at. */
  readonly pending: boolean;
  /** Removes one slice, within the caller's transaction; tells whether there may be more. */
  work(now: Date): boolean;
  /** Time has passed, so that anything may be too old. */
  allDue(): void;
}

/** Forgets the events that their libraries keep no longer, oldest first, a slice at a time. */
export class Retention implements Forgetting {
  readonly #tables: Tables;
  /** Libraries that have not been looked at since something changed. */
  readonly #due = new Set<string>();
  /** The key of the library that was looked at last, while time has passed for all of them. */
  #sweptTo: number | undefined;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** A library has new events or other settings. */
  changed(libraryId: string): void {
    this.#due.add(libraryId);
  }

  allDue(): void {
    this.#sweptTo = 0;
  }

  work(now: Date): boolean {
    const turn = new Slice();
    for (const id of this.#due) {
      const row = this.#tables.libraries.peek(id);
      // One that has more to forget stays due, and goes on with the next turn.
      if (row === undefined || !this.#trim(row, now)) this.#due.delete(id);
      if (turn.over) return this.pending;
    }
    while (this.#sweptTo !== undefined && !turn.over) this.#sweep(this.#sweptTo, now);
    return this.pending;
  }

  get pending(): boolean {
    return this.#due.size > 0 || this.#sweptTo !== undefined;
  }

  /** Looks at the libraries with the next keys, and notes those that have something to forget. */
  #sweep(after: number, now: Date): void {
    const { last, ids } = this.#tables.libraries.overdue(after, stretch, now);
    this.#sweptTo = last;
    for (const id of ids) this.#due.add(id);
  }

  #trim({ key, library }: LibraryRow, now: Date): boolean {
    const { events } = this.#tables;
    const { max_age_seconds: age, max_count: count } = library.events;
    const byCount = count === null ? 0 : library.seq - count;
    const oldest = age === null ? undefined : new Date(now.getTime() - age * 1000).toISOString();
    const byAge = oldest === undefined ? 0 : (events.lastOlder(key, oldest, slice) ?? 0);
    const last = Math.max(byCount, byAge);
    return last > 0 && events.removeUpTo(key, last, slice) > 0;
  }
}
