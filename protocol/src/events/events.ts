import { z } from "zod";
import { filter } from "../filter/filter.ts";
import { filterText } from "../filter/filter-text.ts";
import { earliestSeq, errorCode, failureFields } from "../errors/failure-fields.ts";
import { limits } from "../limits.ts";
import { documentFields, documentSummary, library } from "../documents/model.ts";
import { searchMode } from "../search/search.ts";
import { documentId, position, sequenceNumber, timestamp, uuid } from "../text.ts";

const common = { library_id: uuid, seq: sequenceNumber, timestamp };
const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), ...common, data });

/** A document in an event: all but its text. `document_id` repeats its id. */
const documentData = documentSummary.extend({ document_id: documentId });

/** A search in its event. */
const searchData = z.object({
  query: z.string().nullable().describe("The query text, or null if a vector was searched"),
  mode: searchMode.optional().describe("The search mode; absent from events of servers before 1.2"),
  k: z.int().positive().describe("Number of hits requested"),
  threshold: z.number().nullable().describe("Maximum distance requested"),
  metadata_filter: filter.nullable().describe("Filter requested"),
  session_id: z.string().nullable().describe("The room in which the search was shared"),
  total: z.int().min(0).describe("Number of hits found"),
  took_ms: z.number().min(0).describe("Duration in ms"),
  exact: z.boolean().describe("Whether the result was exact"),
  searched_seq: sequenceNumber.describe("The position that the result reflects, which is before that of this event"),
  top: z
    .array(z.object({ chunk_id: uuid, document_id: documentId, distance: z.number().nullable() }))
    .describe("The first hits"),
});
export type SearchPerformed = z.output<typeof searchData>;

/** Hits that `search.performed` names. */
export const topHits = 10;

export const libraryEvent = z.discriminatedUnion("type", [
  event("library.created", library),
  event("library.updated", library),
  event("library.deleted", z.object({ id: uuid })),
  event("document.added", documentData),
  event("document.updated", documentData),
  event("document.deleted", z.object({ document_id: documentId, ...documentFields })),
  event(
    "document.expired",
    z.object({ document_id: documentId, ...documentFields, expires_at: timestamp.describe("When it expired, in UTC") }),
  ),
  event("search.performed", searchData),
]);
export type LibraryEvent = z.output<typeof libraryEvent>;
export type EventType = LibraryEvent["type"];

export const eventTypes = [
  "library.created",
  "library.updated",
  "library.deleted",
  "document.added",
  "document.updated",
  "document.deleted",
  "document.expired",
  "search.performed",
] as const satisfies readonly EventType[];

const eventType = z.enum(eventTypes, { error: `must be one of ${eventTypes.join(", ")}` });

/** The types of events to receive. Default is all. */
export const eventSelection = z
  .array(eventType)
  .min(1, "must name at least one event type, or be left out for all")
  .max(eventTypes.length, `must name each event type once`);

/** `?from_seq=&events=a,b&metadata_filter={...}&limit=`; all values are text. */
export const eventsQuery = z.strictObject({
  from_seq: z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number that is not negative")
    .transform(Number)
    .pipe(position)
    .describe("First deliver what came after this position; if absent, only new events")
    .optional(),
  events: z
    .string()
    .transform((text) => text.split(",").map((type) => type.trim()))
    .pipe(eventSelection)
    .describe("Comma-separated event types; all if absent")
    .optional(),
  metadata_filter: filterText.describe("A filter on the document that an event is about, as JSON text").optional(),
  limit: z.coerce
    .number({ error: "must be a whole number" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(limits.eventPage, `must be at most ${limits.eventPage}`)
    .describe("Maximum number of events per page")
    .default(100),
});

/** The header that a browser sends on reconnect; empty if it has no position yet. */
export const lastEventId = z
  .string()
  .regex(/^(\d{1,15})?$/, "must be the id of an event, a whole number that is not negative")
  .transform((text) => (text === "" ? undefined : Number(text)))
  .describe("The id of the last event received, as sent by browsers; takes precedence over `from_seq`");

/** Events as one JSON response. */
export const eventPage = z.object({
  events: z.array(libraryEvent).describe("Events in order, without gaps except for those that the filter excludes"),
  next_from_seq: sequenceNumber.describe(
    "Pass as `from_seq` to get the next page: the position up to which this page has read, including what its filter left out",
  ),
  has_more: z.boolean().describe("Whether there are more events"),
  seq: sequenceNumber.describe("The library's position"),
  earliest_seq: sequenceNumber.describe("The earliest position from which events can be resumed"),
});
export type EventPage = z.output<typeof eventPage>;

/** An event over a WebSocket: `subscription_ids` are the matching subscriptions of this connection. */
export const deliveredEvent = libraryEvent.and(z.object({ subscription_ids: z.array(uuid).min(1) }));

/** The position of a filtered feed, if no event at that position matches. */
export const subscriptionProgress = z.object({
  type: z.literal("subscription.progress"),
  subscription_id: uuid.describe("The subscription"),
  library_id: uuid.describe("The library"),
  seq: sequenceNumber.describe("The position reached"),
});

/** The server has ended a subscription; the connection lives. */
export const subscriptionEnded = z.object({
  type: z.literal("subscription.ended"),
  subscription_id: uuid.describe("The subscription that ended"),
  library_id: uuid.describe("The library"),
  error: z.string().describe("Error message, for people"),
  error_code: errorCode.describe("Error code, for programs"),
  retryable: z.boolean().describe("Whether the same request may succeed later"),
  earliest_seq: earliestSeq,
});

/** The data of `event: ended`: why the server ends a stream of events. */
export const streamEnded = z.object({
  ...failureFields("request"),
  earliest_seq: earliestSeq,
});

/** The data of `event: progress` and `event: heartbeat`: the position of an event stream, including filtered events. */
export const streamPosition = z.object({
  type: z
    .enum(["stream.progress", "stream.heartbeat"])
    .describe("The stream has progressed, or it is alive without new events"),
  library_id: uuid.describe("The library"),
  seq: sequenceNumber.describe("The position to resume from"),
});
export type StreamPosition = z.output<typeof streamPosition>;

/** The data of a message in an event stream. */
export const streamedEvent = z.union([libraryEvent, streamPosition, streamEnded]);

const counts = z.object({ published: z.int().min(0), delivered: z.int().min(0) });

/** `GET /v1/events/stats`, since the server started. */
export const eventStatistics = z.object({
  since: timestamp.describe("When the server started, in UTC"),
  published: z.int().min(0).describe("Events committed"),
  delivered: z.int().min(0).describe("Events delivered to subscribers, counted once per subscriber"),
  by_type: z.record(eventType, counts).describe("The same by type"),
  subscribers: z.object({
    total: z.int().min(0),
    websocket: z.int().min(0),
    sse: z.int().min(0),
    live_queries: z.int().min(0),
    sessions: z.int().min(0),
  }),
  /** Events by which subscribers are behind their library: of the furthest one, in total, and how many are behind. */
  lag: z.object({ max: z.int().min(0), total: z.int().min(0), behind: z.int().min(0) }),
  /** From the commit until the event was written to the subscriber's socket, for live events. */
  delivery_latency_ms: z.object({
    count: z.int().min(0),
    p50: z.number(),
    p95: z.number(),
    p99: z.number(),
    max: z.number(),
  }),
  live_query_updates: z.int().min(0).describe("Live query updates sent"),
});
export type EventStatistics = z.output<typeof eventStatistics>;
