import type { LibraryRow } from "./libraries-table.ts";
import type { Tables } from "./tables.ts";

/** Events that are removed in one transaction. */
const slice = 500;

/** Something that becomes too old, and is removed a slice at a time while nothing else waits. */
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

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** A library has new events or other settings. */
  changed(libraryId: string): void {
    this.#due.add(libraryId);
  }

  allDue(): void {
    for (const { library } of this.#tables.libraries.all()) this.#due.add(library.id);
  }

  work(now: Date): boolean {
    for (const id of this.#due) {
      const row = this.#tables.libraries.peek(id);
      if (row !== undefined && this.#trim(row, now)) return true;
      this.#due.delete(id);
    }
    return false;
  }

  get pending(): boolean {
    return this.#due.size > 0;
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
