import { createHistogram } from "node:perf_hooks";
import type { EventStatistics as Answer, EventType, LibraryEvent } from "@arrwdb/protocol/events/events";
import type { EventFeed } from "./event-feed.ts";

interface EventCounts {
  published: number;
  delivered: number;
}

export type SubscriberKind = "websocket" | "sse" | "live_queries" | "sessions";

/** Counts published and delivered events, and measures their latency; for operators. */
export class EventStatistics {
  readonly #since = new Date();
  readonly #byType: Record<EventType, EventCounts> = {
    "library.created": { published: 0, delivered: 0 },
    "library.updated": { published: 0, delivered: 0 },
    "library.deleted": { published: 0, delivered: 0 },
    "document.added": { published: 0, delivered: 0 },
    "document.updated": { published: 0, delivered: 0 },
    "document.deleted": { published: 0, delivered: 0 },
    "document.expired": { published: 0, delivered: 0 },
    "search.performed": { published: 0, delivered: 0 },
  };
  readonly #subscribers: Record<SubscriberKind, number> = { websocket: 0, sse: 0, live_queries: 0, sessions: 0 };
  readonly #feeds = new Set<EventFeed>();
  /** Microseconds, as histograms accept whole numbers from 1. */
  readonly #latency = createHistogram();
  #liveQueryUpdates = 0;

  published(event: LibraryEvent): void {
    this.#byType[event.type].published++;
  }

  /** @param live whether it was published just now, so that its latency can be measured. */
  delivered(event: LibraryEvent, live: boolean): void {
    this.#byType[event.type].delivered++;
    if (live) this.#latency.record(Math.max(1, (Date.now() - Date.parse(event.timestamp)) * 1_000));
  }

  liveQueryUpdated(): void {
    this.#liveQueryUpdates++;
  }

  subscribed(kind: SubscriberKind, change: number): void {
    this.#subscribers[kind] += change;
  }

  /** Asks the feed for its lag from now on. */
  watch(feed: EventFeed): void {
    this.#feeds.add(feed);
  }

  unwatch(feed: EventFeed): void {
    this.#feeds.delete(feed);
  }

  read(): Answer {
    const lags = [...this.#feeds].map((feed) => feed.lag);
    const counts = Object.values(this.#byType);
    const { websocket, sse, live_queries, sessions } = this.#subscribers;
    return {
      since: this.#since.toISOString(),
      published: counts.reduce((sum, { published }) => sum + published, 0),
      delivered: counts.reduce((sum, { delivered }) => sum + delivered, 0),
      by_type: structuredClone(this.#byType),
      subscribers: { total: websocket + sse + live_queries + sessions, websocket, sse, live_queries, sessions },
      lag: {
        max: lags.reduce((max, lag) => Math.max(max, lag), 0),
        total: lags.reduce((sum, lag) => sum + lag, 0),
        behind: lags.filter((lag) => lag > 0).length,
      },
      delivery_latency_ms: this.#latencies(),
      live_query_updates: this.#liveQueryUpdates,
    };
  }

  #latencies(): Answer["delivery_latency_ms"] {
    const histogram = this.#latency;
    if (histogram.count === 0) return { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
    const at = (percentile: number) => histogram.percentile(percentile) / 1_000;
    return { count: histogram.count, p50: at(50), p95: at(95), p99: at(99), max: histogram.max / 1_000 };
  }
}
