import { cut } from "./cut.ts";

/**
 * The one table of error codes. `status` is the HTTP status, `close` the WebSocket close code
 * where the error ends a connection, `retryable` whether the same request may succeed later.
 */
export const errorTable = {
  malformed_json: {
    status: 400,
    retryable: false,
    meaning: "The text is not JSON, or not valid UTF-8.",
  },
  malformed_request: {
    status: 400,
    retryable: false,
    meaning: "What was sent is not HTTP/1.1, or not an upgrade to a WebSocket as RFC 6455 has it.",
  },
  request_timeout: {
    status: 408,
    retryable: true,
    meaning: "The head or the body of the request did not come in time.",
  },
  expectation_failed: {
    status: 417,
    retryable: false,
    meaning: "The `Expect` header asks for something other than `100-continue`.",
  },
  headers_too_large: {
    status: 431,
    retryable: false,
    meaning: "The head of the request is larger than the server accepts.",
  },
  validation_failed: {
    status: 422,
    retryable: false,
    meaning: "A field is missing, unknown, of the wrong type or out of its range; `field` names it.",
  },
  dimension_mismatch: {
    status: 422,
    retryable: false,
    meaning: "A vector's length is not the library's dimension; the message gives both numbers.",
  },
  duplicate_id: {
    status: 422,
    retryable: false,
    meaning: "The same document id stands twice in one upload; the first one counts.",
  },
  empty_body: {
    status: 400,
    retryable: false,
    meaning: "The request has no body, or one without a single document.",
  },
  invalid_encoding: {
    status: 400,
    retryable: false,
    meaning: "The compressed body is corrupt or cut short.",
  },
  line_too_large: {
    status: 413,
    retryable: false,
    meaning: "One line of an upload is longer than a line may be.",
  },
  body_too_large: {
    status: 413,
    close: 1009,
    retryable: false,
    meaning: "The body or message is larger than the server accepts.",
  },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    meaning: "The content type or content encoding is not one that this address reads.",
  },
  binary_frame: {
    status: 400,
    close: 1003,
    retryable: false,
    meaning: "A WebSocket message was binary; messages are JSON text.",
  },
  upgrade_required: {
    status: 426,
    retryable: false,
    meaning: "This address speaks WebSocket only.",
  },
  unknown_action: {
    status: 400,
    retryable: false,
    meaning: "The `action` of a WebSocket request is not one that exists.",
  },
  unauthorized: {
    status: 401,
    close: 4401,
    retryable: false,
    meaning: "The request carries no key, or one that is unknown, revoked or expired, or two that differ.",
  },
  forbidden: {
    status: 403,
    close: 4403,
    retryable: false,
    meaning: "The key does not allow this.",
  },
  origin_not_allowed: {
    status: 403,
    retryable: false,
    meaning: "A page of this origin, or under this host name, may not use the server.",
  },
  key_not_found: {
    status: 404,
    retryable: false,
    meaning: "There is no key with this id; it may have been revoked.",
  },
  too_many_keys: {
    status: 429,
    retryable: false,
    meaning: "The server has as many keys as it keeps.",
  },
  rate_limited: {
    status: 429,
    retryable: true,
    meaning: "The key, or the address where there is none, asks for more at a time than it may.",
  },
  route_not_found: {
    status: 404,
    retryable: false,
    meaning: "No such address, or not with this method.",
  },
  library_not_found: {
    status: 404,
    close: 4404,
    retryable: false,
    meaning: "There is no library with this id.",
  },
  library_deleted: {
    status: 410,
    close: 4410,
    retryable: false,
    meaning: "The library was deleted while the request or connection was in progress.",
  },
  document_not_found: {
    status: 404,
    retryable: false,
    meaning: "The library has no document with this id.",
  },
  webhook_not_found: {
    status: 404,
    retryable: false,
    meaning: "The library has no webhook with this id.",
  },
  webhook_address_refused: {
    status: 422,
    retryable: false,
    meaning: "The address of the webhook lies in a network that this server does not call.",
  },
  too_many_webhooks: {
    status: 429,
    retryable: false,
    meaning: "The library, or the server, has as many webhooks as it may; delete one first.",
  },
  subscription_not_found: {
    status: 404,
    retryable: false,
    meaning: "This connection has no subscription with this id.",
  },
  session_not_joined: {
    status: 404,
    retryable: false,
    meaning: "This connection is not in the room with this `session_id`.",
  },
  session_full: {
    status: 429,
    retryable: true,
    meaning: "The room has as many participants as it may.",
  },
  too_many_sessions: {
    status: 429,
    retryable: false,
    meaning: "The connection is in as many rooms as it may; leave one first.",
  },
  position_expired: {
    status: 410,
    retryable: false,
    meaning:
      "The events after this position are no longer all kept; `earliest_seq` is the earliest position to resume from.",
  },
  position_ahead: {
    status: 422,
    retryable: false,
    meaning: "The library has not come to this position, so nothing can be resumed from there.",
  },
  position_not_reached: {
    status: 504,
    retryable: true,
    meaning: "The library did not come to the search's `min_seq` in time.",
  },
  idempotency_conflict: {
    status: 422,
    retryable: false,
    meaning: "The line differs from the one that was committed at its place under the same `Idempotency-Key`.",
  },
  too_many_subscriptions: {
    status: 429,
    retryable: false,
    meaning: "The connection holds as many subscriptions as one may.",
  },
  invalid_cursor: {
    status: 422,
    retryable: false,
    meaning: "The cursor did not come from this list.",
  },
  answer_too_large: {
    status: 422,
    retryable: false,
    meaning: "The hits, or the results of an upload, hold more text than one answer may; ask for less.",
  },
  text_not_searchable: {
    status: 422,
    retryable: false,
    meaning: "The library has no embedding model, so it takes vectors only.",
  },
  embedder_unavailable: {
    status: 503,
    retryable: false,
    meaning: "The library's embedding model is not configured on this server, or could not start.",
  },
  embedder_rejected: {
    status: 502,
    retryable: false,
    meaning: "The embedding provider refused the request; the message carries its reason.",
  },
  embedder_rate_limited: {
    status: 503,
    retryable: true,
    meaning: "The embedding provider asks for fewer requests.",
  },
  embedder_timeout: {
    status: 504,
    retryable: true,
    meaning: "The embedding provider did not answer in time.",
  },
  embedder_failed: {
    status: 502,
    retryable: true,
    meaning: "The embedding provider failed, or answered with something other than vectors.",
  },
  embedder_dimension: {
    status: 502,
    retryable: false,
    meaning: "The embedding provider gave vectors of another dimension than the library's.",
  },
  upload_stalled: {
    status: 408,
    retryable: true,
    meaning: "The client sent, or read, nothing for too long.",
  },
  upload_aborted: {
    status: 400,
    retryable: true,
    meaning: "The upload ended before its end; the lines before were committed.",
  },
  storage_full: {
    status: 507,
    retryable: true,
    meaning: "The disk is full; nothing of the request was written.",
  },
  storage_failed: {
    status: 503,
    retryable: true,
    meaning: "The disk refused the write or read; nothing of the request was written.",
  },
  overloaded: {
    status: 503,
    close: 1013,
    retryable: true,
    meaning: "The server has as much work waiting as it may; try again after `Retry-After`.",
  },
  starting: {
    status: 503,
    retryable: true,
    meaning: "The server is starting, and opens its data; try again after `Retry-After`.",
  },
  shutting_down: {
    status: 503,
    close: 1001,
    retryable: true,
    meaning: "The server is stopping; connect again.",
  },
  slow_reader: {
    status: 429,
    close: 4429,
    retryable: true,
    meaning: "The client read too slowly; connect again, and resume events with `from_seq`.",
  },
  internal: {
    status: 500,
    close: 1011,
    retryable: true,
    meaning: "A fault of the server; its log has the details.",
  },
} as const satisfies Record<string, ErrorDefinition>;

/** One row of the table. */
export interface ErrorDefinition {
  readonly status: number;
  readonly close?: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

export type ErrorCode = keyof typeof errorTable;

/** Whether the text is a code of the table. */
export const isErrorCode = (name: string): name is ErrorCode => Object.hasOwn(errorTable, name);

export const errorCodes: readonly ErrorCode[] = Object.keys(errorTable).filter(isErrorCode);

export interface ArrwErrorOptions {
  /** The field at fault, as a path: `chunks[2].embedding`. */
  readonly field?: string | undefined;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number | undefined;
  /** The earliest position from which events can be resumed, for one that has expired. */
  readonly earliestSeq?: number | undefined;
  readonly cause?: unknown;
}

/** Characters of a message and of a field's path, whatever they repeat of what was sent. */
const messageLength = 1_000;
const fieldLength = 300;

/** The only error that crosses a room's border: a stable code and a message for people. */
export class ArrwError extends Error {
  override readonly name = "ArrwError";
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;
  readonly earliestSeq: number | undefined;

  constructor(code: ErrorCode, message: string, options: ArrwErrorOptions = {}) {
    super(cut(message, messageLength), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field === undefined ? undefined : cut(options.field, fieldLength);
    this.retryAfter = options.retryAfter;
    this.earliestSeq = options.earliestSeq;
  }

  get definition(): ErrorDefinition {
    return errorTable[this.code];
  }
}

/** What was wrapped, by what it wraps: when a client leaves, each of its lines ends with the same cause. */
const wrapped = new WeakMap<object, ArrwError>();

/** Wraps what is not yet an `ArrwError`, so that no cause is lost and no internals are told. */
export function toArrwError(error: unknown): ArrwError {
  if (error instanceof ArrwError) return error;
  const isObject = typeof error === "object" && error !== null;
  const known = isObject ? wrapped.get(error) : undefined;
  if (known !== undefined) return known;
  const message = "Something went wrong inside the server; its log has the details.";
  const wrapping = new ArrwError("internal", message, { cause: error });
  if (isObject) wrapped.set(error, wrapping);
  return wrapping;
}
