import { eventPage, eventStatistics, eventsQuery } from "../../events/events.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const eventSchemas: readonly SchemaEntry[] = [
  entry({ wire: "eventsQuery", schema: eventsQuery }),
  entry({
    wire: "eventPage",
    name: "EventPage",
    schema: eventPage,
    example: { events: [shown.event], next_from_seq: 2, has_more: false, seq: 2, earliest_seq: 0 },
  }),
  entry({
    wire: "eventStatistics",
    name: "EventStatistics",
    schema: eventStatistics,
    example: {
      since: "2026-11-23T13:31:50.102Z",
      published: 2,
      delivered: 4,
      by_type: {
        "library.created": shown.noEvents,
        "library.updated": shown.noEvents,
        "library.deleted": shown.noEvents,
        "document.added": { published: 2, delivered: 4 },
        "document.updated": shown.noEvents,
        "document.deleted": shown.noEvents,
        "document.expired": shown.noEvents,
        "search.performed": shown.noEvents,
      },
      subscribers: { total: 3, websocket: 1, sse: 1, live_queries: 1, sessions: 0 },
      lag: { max: 0, total: 0, behind: 0 },
      delivery_latency_ms: { count: 4, p50: 1.2, p95: 3.1, p99: 3.1, max: 3.1 },
      live_query_updates: 2,
    },
  }),
];
