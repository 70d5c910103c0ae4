import pLimit from "p-limit";
import type { Store } from "../../store/store.ts";
import type { EventHub } from "./event-hub.ts";
import { PublishedEvent } from "./published-event.ts";

/** What is read from the store at a time. */
const pageEvents = 256;
const pageCharacters = 256 * 1024;
/** Maximum of events taken from memory at a time. */
const recentEvents = 64;
/** Maximum of pages that all feeds of one reader read concurrently, which bounds their memory. */
const concurrentPages = 4;

/**
 * The events of one library for one reader, however many feeds it has. The reader must subscribe to the hub too, so
 * that the position of the library is known since `begin`.
 */
export class EventLog {
  readonly #libraryId: string;
  readonly #store: Store;
  readonly #hub: EventHub;
  readonly #turns = pLimit(concurrentPages);

  constructor(libraryId: string, store: Store, hub: EventHub) {
    this.#libraryId = libraryId;
    this.#store = store;
    this.#hub = hub;
  }

  /** The library's latest known position, from published events and from reads. */
  get head(): number {
    return this.#hub.head(this.#libraryId);
  }

  /**
   * The position after which a feed begins: the given one, or the library's own.
   *
   * @throws ArrwError `position_expired`, or `position_ahead` for one beyond the library's
   */
  async begin(fromSeq: number | undefined): Promise<number> {
    const { seq } =
      fromSeq === undefined
        ? await this.#store.libraries.get(this.#libraryId)
        : await this.#store.events.read(this.#libraryId, { afterSeq: fromSeq, limit: 1 });
    this.#hub.learn(this.#libraryId, seq);
    return fromSeq ?? seq;
  }

  /**
   * The next events after a position, from memory if they are recent.
   *
   * @param isWanted called when it is the feed's turn to read the store; if false, nothing is read.
   */
  async after(position: number, isWanted: () => boolean): Promise<readonly PublishedEvent[]> {
    const recent = this.#hub.recent(this.#libraryId, position, recentEvents);
    // Memory ends with the last published event; others may have read further already.
    if (recent !== undefined && recent.length > 0) return recent;
    return this.#turns(() => (isWanted() ? this.#read(position) : []));
  }

  async #read(afterSeq: number): Promise<readonly PublishedEvent[]> {
    const range = { afterSeq, limit: pageEvents, maxCharacters: pageCharacters };
    const { events, seq } = await this.#store.events.read(this.#libraryId, range);
    this.#hub.learn(this.#libraryId, seq);
    return events.map((event) => new PublishedEvent(event));
  }
}
