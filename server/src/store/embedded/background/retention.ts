import type { LibraryRow } from "../../engine/rows/libraries-table.ts";
import type { Tables } from "../tables/tables.ts";
import { Slice } from "../../../scheduling/slice.ts";

/** Events deleted per step. */
const slice = 100;

/** Libraries checked per step. */
const stretch = 64;

/** Data that expire and are deleted in slices, when idle or overdue. */
export interface Forgetting {
  /** Whether there is something to check. */
  readonly pending: boolean;
  /** Deletes one slice, within the caller's transaction; returns whether there may be more. */
  work(now: Date): boolean;
  /** Time has passed, so that anything may have expired. */
  allDue(): void;
}

/** Deletes events beyond their library's retention, oldest first, in slices. */
export class Retention implements Forgetting {
  readonly #tables: Tables;
  /** Libraries not checked since something changed. */
  readonly #due = new Set<string>();
  /** Key of the last library checked, while all are being checked because time has passed. */
  #sweptTo: number | undefined;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** A library has new events or settings. */
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
      // A library with more to delete stays due, and continues with the next slice.
      if (row === undefined || !this.#trim(row, now)) this.#due.delete(id);
      if (turn.over) return this.pending;
    }
    while (this.#sweptTo !== undefined && !turn.over) this.#sweep(this.#sweptTo, now);
    return this.pending;
  }

  get pending(): boolean {
    return this.#due.size > 0 || this.#sweptTo !== undefined;
  }

  /** Checks the libraries with the next keys, and marks those with expired events. */
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
