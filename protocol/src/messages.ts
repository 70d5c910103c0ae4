import { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import {
  deliveredEvent,
  eventSelection,
  eventTypes,
  libraryEvent,
  subscriptionEnded,
  subscriptionProgress,
} from "./events.ts";
import { filter } from "./filter.ts";
import { errorCode } from "./ingestion.ts";
import { limits } from "./limits.ts";
import { documentDeleted, documentFound, documentInput, documentWritten } from "./model.ts";
import { searchUpdated } from "./live.ts";
import { embedderErrors, type Scope } from "./operations/operation.ts";
import { liveQueryRequest, socketSearchHit, socketSearchRequest, socketSearchResponse } from "./search.ts";
import {
  joinRequest,
  joinResponse,
  leaveRequest,
  leaveResponse,
  sessionJoined,
  sessionLeft,
  sessionSearch,
  sessionState,
} from "./sessions.ts";
import { boundedText, position, sequenceNumber, timestamp, uuid } from "./text.ts";

/** The frame of every client message; `data` is checked by its action. */
export const requestEnvelope = z.strictObject({
  request_id: boundedText(limits.requestIdLength, 1).describe("A name of your choice, which the answer carries"),
  action: z.string({ error: "must be a string that names an action" }).describe("What is asked for"),
  data: z.unknown().optional().describe("What the action takes"),
  traceparent: z
    .string()
    .max(limits.traceContextLength)
    .optional()
    .describe("The sender's span, as in W3C Trace Context; one that is not well-formed is passed over, as in HTTP"),
  tracestate: z
    .string()
    .max(limits.traceContextLength)
    .optional()
    .describe("What belongs to it, as in W3C Trace Context"),
});
export type RequestEnvelope = z.output<typeof requestEnvelope>;

/** A ping may leave out its name: nothing but the answer is wanted, and there is one kind of it. */
export const pingEnvelope = requestEnvelope.extend({
  action: z.literal("ping"),
  request_id: requestEnvelope.shape.request_id.nullable().optional(),
});

const pingRequest = z.unknown().describe("Whatever you like; it is not looked at");

const documentReference = z.strictObject({ document_id: uuid });

const feedFields = ["events", "metadata_filter", "from_seq", "progress"] as const;

/** A feed of events, or with `query` a live query. */
const subscribeRequest = z
  .strictObject({
    events: eventSelection.optional().describe("Types of events to hear of; all where absent"),
    metadata_filter: filter
      .nullable()
      .optional()
      .describe("Over the document that an event is about; events about none pass"),
    from_seq: position
      .nullable()
      .optional()
      .describe("Tells what came after this position first, then goes on live; only what is new where it is absent"),
    progress: z
      .boolean()
      .optional()
      .describe(
        "Whether to tell how far the feed has come where it leaves events out. By default where `from_seq` or `metadata_filter` is given",
      ),
    query: liveQueryRequest.optional().describe("A search to let stand, in place of all of these"),
  })
  .superRefine((request, context) => {
    if (request.query === undefined) return;
    const beside = feedFields.find((name) => request[name] !== undefined);
    if (beside === undefined) return;
    const message = "stands beside query; a live query has no events, so give one of the two";
    context.addIssue({ code: "custom", path: [beside], message });
  });

const feedSubscribed = z.object({
  subscription_id: uuid.describe("What the events will carry, and what ends it"),
  seq: sequenceNumber.describe("Events after this position are told"),
  events: z.array(z.enum(eventTypes)).describe("The types that are told"),
});

const liveQuerySubscribed = z.object({
  subscription_id: uuid.describe("What its changes will carry, and what ends it"),
  seq: sequenceNumber.describe("The position that the hits show"),
  results: z.array(socketSearchHit).describe("The hits at first"),
  total: z.int().min(0).describe("How many these are"),
  exact: z.boolean().describe("Whether no other chunk can belong to them"),
});

const pong = z.object({
  pong: z.literal(true),
  timestamp: timestamp.describe("The server's time, in UTC"),
});

/** One thing that can be asked for over a WebSocket. */
interface ActionDefinition {
  /** One line, without a full stop. */
  readonly summary: string;
  readonly scope: Scope;
  /** The schema of the request's `data`. */
  readonly request: z.ZodType;
  /** The schema of the answer's `data`. */
  readonly response: z.ZodType;
  /** What it can be refused with, besides what any request can. */
  readonly errors: readonly ErrorCode[];
}

/** What any request can be refused with. */
export const requestErrors = [
  "malformed_json",
  "validation_failed",
  "unknown_action",
  "library_not_found",
  "forbidden",
  "rate_limited",
  "storage_failed",
  "shutting_down",
  "internal",
] as const satisfies readonly ErrorCode[];

const searchErrors = ["dimension_mismatch", "answer_too_large", ...embedderErrors] as const;

/** Each action with the schema of its `data` and of the answer's. */
export const actions = {
  search: {
    summary: "Search the library by meaning, by words, or by both",
    scope: "read",
    request: socketSearchRequest,
    response: socketSearchResponse,
    errors: [...searchErrors, "position_not_reached", "library_deleted", "session_full", "too_many_sessions"],
  },
  add: {
    summary: "Add a document, or replace the one that has its id",
    scope: "write",
    request: documentInput,
    response: documentWritten,
    errors: ["dimension_mismatch", ...embedderErrors, "storage_full"],
  },
  delete: {
    summary: "Delete a document",
    scope: "write",
    request: documentReference,
    response: documentDeleted,
    errors: ["document_not_found", "storage_full"],
  },
  get: {
    summary: "Read a document with its chunks",
    scope: "read",
    request: documentReference,
    response: documentFound,
    errors: ["document_not_found"],
  },
  subscribe: {
    summary: "Hear of events as they happen, or of what changes in the hits of a search",
    scope: "read",
    request: subscribeRequest,
    response: z.union([liveQuerySubscribed, feedSubscribed]),
    errors: [...searchErrors, "position_expired", "position_ahead", "too_many_subscriptions", "overloaded"],
  },
  unsubscribe: {
    summary: "End a subscription",
    scope: "read",
    request: z.strictObject({ subscription_id: uuid }),
    response: z.object({ unsubscribed: z.literal(true), subscription_id: uuid, seq: sequenceNumber }),
    errors: ["subscription_not_found"],
  },
  join: {
    summary: "Enter a room, in which searches are shared",
    scope: "read",
    request: joinRequest,
    response: joinResponse,
    errors: ["session_full", "too_many_sessions"],
  },
  leave: {
    summary: "Leave a room",
    scope: "read",
    request: leaveRequest,
    response: leaveResponse,
    errors: ["session_not_joined"],
  },
  ping: {
    summary: "Ask for a sign of life, as browsers cannot send pings of their own",
    scope: "read",
    request: pingRequest,
    response: pong,
    errors: [],
  },
} as const satisfies Record<string, ActionDefinition>;

export type Action = keyof typeof actions;
export type ActionRequest<Name extends Action> = z.output<(typeof actions)[Name]["request"]>;
export type ActionResponse<Name extends Action> = z.output<(typeof actions)[Name]["response"]>;

export const isAction = (name: string): name is Action => Object.hasOwn(actions, name);

const answered = {
  type: z.literal("response"),
  request_id: z.string().nullable().describe("That of the request; null for a ping that had none"),
};

/** The answer to one request. `data` is that of the action. */
export const successResponse = z.object({ ...answered, success: z.literal(true), data: z.unknown(), error: z.null() });
export const failureResponse = z.object({
  ...answered,
  request_id: z.string().nullable().describe("That of the request; null where none could be read"),
  success: z.literal(false),
  data: z.null(),
  error: z.string().describe("What is wrong, for people"),
  error_code: errorCode.describe("What is wrong, for programs"),
  field: z.string().optional().describe("The field that is at fault"),
  retryable: z.boolean().describe("Whether the same may succeed later"),
  earliest_seq: sequenceNumber
    .optional()
    .describe("The earliest position from which events can still be resumed, where that is what is wrong"),
  retry_after: z.int().positive().optional().describe("Seconds after which a retry makes sense, for `rate_limited`"),
});

/** Everything that the server says without being asked for that very thing. */
export const serverMessages = {
  event: {
    schema: deliveredEvent,
    summary: "A change of the library that a subscription of this connection answers to",
  },
  "subscription.progress": { schema: subscriptionProgress, summary: "How far a narrowed subscription has come" },
  "subscription.ended": { schema: subscriptionEnded, summary: "The server has ended a subscription" },
  "search.updated": { schema: searchUpdated, summary: "What the hits of a live query have become" },
  "session.search": { schema: sessionSearch, summary: "A search that was made in a room" },
  "session.joined": { schema: sessionJoined, summary: "Somebody has entered a room" },
  "session.left": { schema: sessionLeft, summary: "Somebody has left a room" },
  "session.state": { schema: sessionState, summary: "Who is in a room, for a reader that was slow" },
} as const;

/** Everything that the server says without being asked for that very thing. */
export const serverMessage = z.union([
  deliveredEvent,
  libraryEvent,
  subscriptionProgress,
  subscriptionEnded,
  searchUpdated,
  sessionSearch,
  sessionJoined,
  sessionLeft,
  sessionState,
]);
export type ServerMessage = z.output<typeof serverMessage>;
