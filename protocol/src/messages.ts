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
import { boundedText, position, sequenceNumber, uuid } from "./text.ts";

/** The frame of every client message; `data` is checked by its action. */
export const requestEnvelope = z.strictObject({
  request_id: boundedText(limits.requestIdLength, 1),
  action: z.string({ error: "must be a string that names an action" }),
  data: z.unknown().optional(),
});

const documentReference = z.strictObject({ document_id: uuid });

const feedFields = ["events", "metadata_filter", "from_seq", "progress"] as const;

/** A feed of events, or with `query` a live query. */
const subscribeRequest = z
  .strictObject({
    events: eventSelection.optional(),
    /** Over the document that an event is about; events about none pass. */
    metadata_filter: filter.nullable().optional(),
    /** Tells what came after this position first, then goes on live; only what is new where it is absent. */
    from_seq: position.nullable().optional(),
    /**
     * Whether to tell how far the feed has come where it leaves events out. By default where `from_seq` or
     * `metadata_filter` is given.
     */
    progress: z.boolean().optional(),
    query: liveQueryRequest.optional(),
  })
  .superRefine((request, context) => {
    if (request.query === undefined) return;
    const beside = feedFields.find((name) => request[name] !== undefined);
    if (beside === undefined) return;
    const message = "stands beside query; a live query has no events, so give one of the two";
    context.addIssue({ code: "custom", path: [beside], message });
  });

const feedSubscribed = z.object({
  subscription_id: uuid,
  /** Events after this position are told. */
  seq: sequenceNumber,
  events: z.array(z.enum(eventTypes)),
});

const liveQuerySubscribed = z.object({
  subscription_id: uuid,
  seq: sequenceNumber,
  results: z.array(socketSearchHit),
  total: z.int().min(0),
  exact: z.boolean(),
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
  "storage_failed",
  "shutting_down",
  "internal",
] as const satisfies readonly ErrorCode[];

const searchErrors = ["dimension_mismatch", "answer_too_large", ...embedderErrors] as const;

/** Each action with the schema of its `data` and of the answer's. */
export const actions = {
  search: {
    summary: "Search the library by a text or a vector",
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
} as const satisfies Record<string, ActionDefinition>;

export type Action = keyof typeof actions;
export type ActionRequest<Name extends Action> = z.output<(typeof actions)[Name]["request"]>;
export type ActionResponse<Name extends Action> = z.output<(typeof actions)[Name]["response"]>;

export const isAction = (name: string): name is Action => Object.hasOwn(actions, name);

const answered = { type: z.literal("response"), request_id: z.string() };

/** The answer to one request. `data` is that of the action. */
export const successResponse = z.object({ ...answered, success: z.literal(true), data: z.unknown(), error: z.null() });
export const failureResponse = z.object({
  ...answered,
  request_id: z.string().nullable(),
  success: z.literal(false),
  data: z.null(),
  error: z.string(),
  error_code: errorCode,
  field: z.string().optional(),
  retryable: z.boolean(),
  earliest_seq: sequenceNumber.optional(),
});

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
