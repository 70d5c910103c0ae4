import { LRUCache } from "lru-cache";
import type { EventsTable } from "../tables/events-table.ts";

/** Number of libraries whose latest time is cached; other times are read from the events. */
const remembered = 10_000;

/** Times of changes. They never decrease within a library, even if the machine's clock is set back. */
export class EventClock {
  readonly #events: EventsTable;
  readonly #latest = new LRUCache<number, string>({ max: remembered });

  constructor(events: EventsTable) {
    this.#events = events;
  }

  /** Time of a change to this library: `now`, but not before the previous change. */
  at(library: number, now: string): string {
    const latest = this.#latest.get(library) ?? this.#events.latest(library);
    // Both have the same format, so they can be compared as strings.
    const time = latest !== undefined && latest > now ? latest : now;
    this.#latest.set(library, time);
    return time;
  }
}
