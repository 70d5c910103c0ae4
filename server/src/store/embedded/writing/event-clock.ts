import { LRUCache } from "lru-cache";
import type { EventsTable } from "../tables/events-table.ts";

/** Libraries whose latest time is remembered; that of another is looked up in its events. */
const remembered = 10_000;

/** When changes happen. The machine's clock may be set back; the times of a library's events never go back. */
export class EventClock {
  readonly #events: EventsTable;
  readonly #latest = new LRUCache<number, string>({ max: remembered });

  constructor(events: EventsTable) {
    this.#events = events;
  }

  /** The time of a change to this library: `now`, though never before that of the change before. */
  at(library: number, now: string): string {
    const latest = this.#latest.get(library) ?? this.#events.latest(library);
    // Both are of one form, so their letters are in the order of their times.
    const time = latest !== undefined && latest > now ? latest : now;
    this.#latest.set(library, time);
    return time;
  }
}
