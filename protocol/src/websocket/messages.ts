import { z } from "zod";
import type { ErrorCode } from "../errors/error-table.ts";
import {
  deliveredEvent,
  eventSelection,
  eventTypes,
  libraryEvent,
  subscriptionEnded,
  subscriptionProgress,
} from "../events/events.ts";
import { filter } from "../filter/filter.ts";
import { documentsPatched } from "../documents/document-patches.ts";
import { documentPatch } from "../documents/document-patch.ts";
import { currentSeq, earliestSeq, failureFields } from "../errors/failure-fields.ts";
import { documentsDeleted } from "../documents/document-deletions.ts";
import { matchingFields } from "../documents/matching-fields.ts";
import { limits } from "../limits.ts";
import {
  documentCount,
  documentCountRequest,
  documentList,
  documentQueryRequest,
} from "../documents/document-queries.ts";
import { documentDeleted, documentFound, documentInput, documentWritten, ifSeq } from "../documents/model.ts";
import { searchUpdated } from "./live.ts";
import { embedderErrors, type Scope } from "../operations/operation.ts";
import { liveCounts, liveQueryRequest, liveHit, socketSearchRequest, socketSearchResponse } from "../search/search.ts";
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
import { boundedText, documentId, position, sequenceNumber, timestamp, uuid } from "../text.ts";

/** The frame of every client message; `data` is checked by its action. */
export const requestEnvelope = z.strictObject({
  request_id: boundedText(limits.requestIdLength, 1).describe("An id of your choice, which the response carries"),
  action: z.string({ error: "must be a string that names an action" }).describe("The action to perform"),
  data: z.unknown().optional().describe("The action's parameters"),
  type: z
    .literal("request", { error: 'must be "request", or be omitted' })
    .optional()
    .describe("What clients of the Python server send; has no meaning"),
  traceparent: z
    .string()
    .max(limits.traceContextLength)
    .optional()
    .describe("The sender's span, as in W3C Trace Context; a malformed one is ignored, as over HTTP"),
  tracestate: z
    .string()
    .max(limits.traceContextLength)
    .optional()
    .describe("Vendor-specific trace information, as in W3C Trace Context"),
});
export type RequestEnvelope = z.output<typeof requestEnvelope>;

/** A ping may omit its id, as all responses to pings are alike. */
export const pingEnvelope = requestEnvelope.extend({
  action: z.literal("ping"),
  request_id: requestEnvelope.shape.request_id.nullable().optional(),
});

const pingRequest = z.unknown().describe("Anything; it is ignored");

const documentReference = z.strictObject({ document_id: documentId });
/** One document, or those that pass a filter. */
const documentDeletion = z
  .strictObject({ document_id: documentId.optional(), if_seq: ifSeq.optional(), ...matchingFields })
  .superRefine(({ document_id, if_seq, metadata_filter, confirm }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    const byFilter = metadata_filter !== undefined || confirm !== undefined;
    if (document_id === undefined && !byFilter) refuse("document_id", "is required, or metadata_filter");
    if (document_id !== undefined && byFilter)
      refuse("metadata_filter", "cannot be combined with document_id; give one of the two");
    if (document_id === undefined && if_seq !== undefined) refuse("if_seq", "is allowed only with document_id");
  });
/** One document, or those that pass a filter. */
const documentPatching = z
  .strictObject({ document_id: documentId.optional(), patch: documentPatch, ...matchingFields })
  .superRefine(({ document_id, patch, metadata_filter, confirm }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const byFilter = metadata_filter !== undefined || confirm !== undefined;
    if (document_id === undefined && !byFilter) refuse(["document_id"], "is required, or metadata_filter");
    if (document_id !== undefined && byFilter)
      refuse(["metadata_filter"], "cannot be combined with document_id; give one of the two");
    if (document_id === undefined && patch.ifSeq !== undefined)
      refuse(["patch", "if_seq"], "is allowed only with document_id");
  });

const feedFields = ["events", "metadata_filter", "from_seq", "progress"] as const;

/** A feed of events, or with `query` a live query. */
const subscribeRequest = z
  .strictObject({
    events: eventSelection.optional().describe("Event types to receive; all if absent"),
    metadata_filter: filter
      .nullable()
      .optional()
      .describe("Filter on the document that an event is about; events that are not about a document pass"),
    from_seq: position
      .nullable()
      .optional()
      .describe("First deliver what came after this position, then continue live; if absent, only new events"),
    progress: z
      .boolean()
      .optional()
      .describe(
        "Whether to report the feed's position when it skips events; by default if `from_seq` or `metadata_filter` is given",
      ),
    query: liveQueryRequest.optional().describe("A search to watch, instead of all of the above"),
  })
  .superRefine((request, context) => {
    if (request.query === undefined) return;
    const beside = feedFields.find((name) => request[name] !== undefined);
    if (beside === undefined) return;
    const message = "cannot be combined with query; a live query has no events, so give one of the two";
    context.addIssue({ code: "custom", path: [beside], message });
  });

const feedSubscribed = z.object({
  subscription_id: uuid.describe("The id that its events carry, and that unsubscribe takes"),
  seq: sequenceNumber.describe("Events after this position are delivered"),
  events: z.array(z.enum(eventTypes)).describe("The event types that are delivered"),
});

const liveQuerySubscribed = z.object({
  subscription_id: uuid.describe("The id that its updates carry, and that unsubscribe takes"),
  seq: sequenceNumber.describe("The position that the hits reflect"),
  results: z.array(liveHit).describe("The current hits"),
  total: z.int().min(0).describe("Number of these hits"),
  exact: z.boolean().describe("Whether no other chunk can belong to the hits"),
  ...liveCounts,
});

const pong = z.object({
  pong: z.literal(true),
  timestamp: timestamp.describe("The server's time, in UTC"),
});

/** One request over a WebSocket. */
interface ActionDefinition {
  /** One line, without a full stop. */
  readonly summary: string;
  readonly scope: Scope;
  /** The schema of the request's `data`. */
  readonly request: z.ZodType;
  /** The schema of the response's `data`. */
  readonly response: z.ZodType;
  /** Its errors, besides those that every request can have. */
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

/** Each action with the schemas of its `data` and of the response's. */
export const actions = {
  search: {
    summary: "Search the library by vector, by keyword, or by both",
    scope: "read",
    request: socketSearchRequest,
    response: socketSearchResponse,
    errors: [
      ...searchErrors,
      "position_not_reached",
      "library_deleted",
      "session_full",
      "too_many_sessions",
      "invalid_cursor",
      "cursor_expired",
    ],
  },
  add: {
    summary: "Add a document, or replace the one with its id",
    scope: "write",
    request: documentInput,
    response: documentWritten,
    errors: ["dimension_mismatch", ...embedderErrors, "seq_mismatch", "storage_full"],
  },
  patch: {
    summary: "Change fields of a document, or of those that pass a filter, by a JSON merge patch",
    scope: "write",
    request: documentPatching,
    response: z.union([documentWritten, documentsPatched]),
    errors: ["document_not_found", "seq_mismatch", "confirmation_required", "library_deleted", "storage_full"],
  },
  delete: {
    summary: "Delete a document, or those that pass a filter",
    scope: "write",
    request: documentDeletion,
    response: z.union([documentDeleted, documentsDeleted]),
    errors: ["document_not_found", "seq_mismatch", "confirmation_required", "library_deleted", "storage_full"],
  },
  get: {
    summary: "Read a document with its chunks",
    scope: "read",
    request: documentReference,
    response: documentFound,
    errors: ["document_not_found"],
  },
  list: {
    summary: "List the library's documents, without their text",
    scope: "read",
    request: documentQueryRequest,
    response: documentList,
    errors: ["invalid_cursor"],
  },
  count: {
    summary: "Count the library's documents that pass a filter, and their chunks",
    scope: "read",
    request: documentCountRequest,
    response: documentCount,
    errors: [],
  },
  subscribe: {
    summary: "Subscribe to events, or to changes in the results of a search",
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
    summary: "Join a room, in which searches are shared",
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
    summary: "Check that the server is reachable, because browsers cannot send ping frames",
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
  request_id: z.string().nullable().describe("The id of the request; null for a ping without one"),
};

/** The response to one request. `data` depends on the action. */
export const successResponse = z.object({ ...answered, success: z.literal(true), data: z.unknown(), error: z.null() });
export const failureResponse = z.object({
  ...answered,
  request_id: z.string().nullable().describe("The id of the request; null if none could be read"),
  success: z.literal(false),
  data: z.null(),
  ...failureFields("request"),
  earliest_seq: earliestSeq,
  current_seq: currentSeq,
  retry_after: z.int().positive().optional().describe("Seconds after which to retry, for `rate_limited`"),
});

/** All messages that the server sends without a request. */
export const serverMessages = {
  event: {
    schema: deliveredEvent,
    summary: "A change to the library that matches a subscription of this connection",
  },
  "subscription.progress": {
    schema: subscriptionProgress,
    summary: "The position that a filtered subscription has reached",
  },
  "subscription.ended": { schema: subscriptionEnded, summary: "The server has ended a subscription" },
  "search.updated": { schema: searchUpdated, summary: "The new hits of a live query" },
  "session.search": { schema: sessionSearch, summary: "A search in a room" },
  "session.joined": { schema: sessionJoined, summary: "A participant has joined a room" },
  "session.left": { schema: sessionLeft, summary: "A participant has left a room" },
  "session.state": { schema: sessionState, summary: "The participants of a room, for a client that read slowly" },
} as const;

/** Any message that the server sends without a request. */
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
