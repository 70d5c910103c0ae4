import type { EventPage, EventType } from "@arrwdb/protocol/events/events";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Store } from "../../store/store.ts";
import { EventFeed, type FeedReader } from "./event-feed.ts";
import type { EventHub } from "./event-hub.ts";
import { EventLog } from "./event-log.ts";
import { EventSelector } from "./event-selector.ts";
import type { EventStatistics } from "./event-statistics.ts";
import { PublishedEvent } from "./published-event.ts";

export interface EventRequest {
  /** Default is all types. */
  readonly types: readonly EventType[] | undefined;
  readonly filter: Filter | undefined;
  /** Default is only new events. */
  readonly fromSeq: number | undefined;
}

/** The reader of one event stream. */
export interface StreamReader extends Omit<FeedReader, "deliver" | "caughtUp"> {
  /** Takes an event that matches the selection. */
  deliver(published: PublishedEvent): void;
}

/** An event stream in progress. */
export interface EventStream {
  /** The position that it began after. */
  readonly from: number;
  /** The position reached, including events filtered out. */
  readonly position: number;
  /** The reader is no longer congested. */
  resume(): void;
  end(): void;
}

/** Maximum of events examined for one page. */
const eventsLookedThrough = 10_000;
const charactersOfPage = 4 * 1024 * 1024;

/** Serves the events of a library as a stream, or page by page. */
export class EventStreams {
  readonly #store: Store;
  readonly #hub: EventHub;
  readonly #statistics: EventStatistics;

  constructor(store: Store, hub: EventHub, statistics: EventStatistics) {
    this.#store = store;
    this.#hub = hub;
    this.#statistics = statistics;
  }

  /** @throws ArrwError `library_not_found`, `position_expired`, `position_ahead` */
  async open(libraryId: string, request: EventRequest, reader: StreamReader): Promise<EventStream> {
    const selector = new EventSelector(request.types, request.filter);
    // Listens before the position is read, so that nothing falls between.
    let feed: EventFeed | undefined;
    const stopListening = this.#hub.listen(libraryId, (published) => feed?.offer(published));
    try {
      const log = new EventLog(libraryId, this.#store, this.#hub);
      const from = await log.begin(request.fromSeq);
      const opened = new EventFeed(from, log, {
        deliver: (published, live) => {
          if (!selector.wants(published)) return;
          reader.deliver(published);
          this.#statistics.delivered(published.event, live);
        },
        congested: () => reader.congested(),
        caughtUp: () => undefined,
        fail: (error) => reader.fail(error),
      });
      feed = opened;
      this.#statistics.watch(opened);
      this.#statistics.subscribed("sse", 1);
      let ended = false;
      const end = () => {
        if (ended) return;
        ended = true;
        stopListening();
        opened.end();
        this.#statistics.unwatch(opened);
        this.#statistics.subscribed("sse", -1);
      };
      // After the caller has sent the starting position.
      queueMicrotask(() => opened.resume());
      return {
        from,
        get position() {
          return opened.position;
        },
        resume: () => opened.resume(),
        end,
      };
    } catch (error) {
      stopListening();
      throw error;
    }
  }

  /** One page of events after a position. @throws ArrwError as `open` */
  async page(libraryId: string, request: EventRequest, limit: number): Promise<EventPage> {
    const selector = new EventSelector(request.types, request.filter);
    const events: EventPage["events"] = [];
    let next = request.fromSeq ?? (await this.#store.libraries.get(libraryId)).seq;
    for (let looked = 0; ;) {
      const range = { afterSeq: next, limit: 256, maxCharacters: charactersOfPage };
      const { events: found, seq, earliestSeq } = await this.#store.events.read(libraryId, range);
      for (const event of found) {
        if (events.length === limit) break;
        next = event.seq;
        if (selector.wants(new PublishedEvent(event))) events.push(event);
      }
      looked += found.length;
      if (next >= seq || events.length === limit || looked >= eventsLookedThrough) {
        return { events, next_from_seq: next, has_more: next < seq, seq, earliest_seq: earliestSeq };
      }
    }
  }
}
