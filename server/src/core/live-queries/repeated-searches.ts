import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { FoundSearchHit } from "@arrwdb/protocol/search/search";
import { CallerQueue } from "../../scheduling/caller-queue.ts";
import type { Choosing, LiveQueryHandle, LiveQueryListener, VectorSearch } from "../../store/search-store.ts";
import type { Store } from "../../store/store.ts";
import type { EventHub } from "../events/event-hub.ts";
import { RepeatedSearch } from "./repeated-search.ts";

/** Searches repeated at a time. */
const mostAtOnce = 4;

/**
 * Live queries that count, group, mark words or include vectors, which the live thread cannot: each is searched again after
 * changes of its library, as any change can alter its counts.
 * Callers take turns, and so do their libraries. A query waits or runs once at a time, whatever is written meanwhile.
 */
export class RepeatedSearches {
  readonly #store: Store;
  readonly #hub: EventHub;
  readonly #waiting = new CallerQueue<RepeatedSearch>();
  #running = 0;
  #open = 0;

  constructor(store: Store, hub: EventHub) {
    this.#store = store;
    this.#hub = hub;
  }

  /** As `SearchStore.watch`. @throws ArrwError as a search, and `overloaded` if too many are open */
  async watch(
    libraryId: string,
    search: VectorSearch & Choosing,
    listener: LiveQueryListener<FoundSearchHit>,
  ): Promise<LiveQueryHandle<FoundSearchHit>> {
    if (this.#open >= limits.countingLiveQueries) {
      const message = `The server has reached its maximum of ${limits.countingLiveQueries} live queries with facets, groups, highlights or vectors; retry later`;
      throw new ArrwError("overloaded", message, { retryAfter: 30 });
    }
    this.#open++;
    const query = new RepeatedSearch({
      libraryId,
      search: (signal) => this.#store.searches.search(libraryId, search, signal),
      hub: this.#hub,
      listener,
      onDue: (due) => {
        this.#waiting.add(search.caller, libraryId, [due]);
        this.#next();
      },
      onEnd: () => this.#open--,
    });
    return { first: await query.start(), end: () => query.end() };
  }

  #next(): void {
    while (this.#running < mostAtOnce) {
      const next = this.#waiting.next();
      if (next === undefined) return;
      this.#running++;
      void next.repeat().finally(() => {
        this.#running--;
        this.#next();
      });
    }
  }
}
