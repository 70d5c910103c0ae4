/**
 * The one table of error codes. `status` is the HTTP status, `close` the WebSocket close code if the error ends a
 * connection, `retryable` whether the same request may succeed later.
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
    meaning: "The request is not valid HTTP/1.1, or not a valid WebSocket upgrade (RFC 6455).",
  },
  request_timeout: {
    status: 408,
    retryable: true,
    meaning: "The request's headers or body did not arrive in time.",
  },
  expectation_failed: {
    status: 417,
    retryable: false,
    meaning: "The `Expect` header asks for something other than `100-continue`.",
  },
  headers_too_large: {
    status: 431,
    retryable: false,
    meaning: "The request's URL and headers are larger than the server accepts.",
  },
  validation_failed: {
    status: 422,
    retryable: false,
    meaning: "A field is missing, unknown, of the wrong type or out of range; `field` names it.",
  },
  confirmation_required: {
    status: 400,
    retryable: false,
    meaning: "The filter has no conditions, so every document would be deleted or changed, and `confirm` is not `all`.",
  },
  dimension_mismatch: {
    status: 422,
    retryable: false,
    meaning: "A vector's length differs from the library's dimension; the message gives both.",
  },
  duplicate_id: {
    status: 422,
    retryable: false,
    meaning: "The same document id occurs twice in one upload; the first one is stored.",
  },
  empty_body: {
    status: 400,
    retryable: false,
    meaning: "The request has no body, or a body without documents.",
  },
  invalid_encoding: {
    status: 400,
    retryable: false,
    meaning: "The compressed body is corrupt or truncated.",
  },
  line_too_large: {
    status: 413,
    retryable: false,
    meaning: "A line of an upload exceeds the maximum length.",
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
    meaning: "The content type or content encoding is not supported by this endpoint.",
  },
  binary_frame: {
    status: 400,
    close: 1003,
    retryable: false,
    meaning: "The WebSocket message was binary; messages must be JSON text.",
  },
  upgrade_required: {
    status: 426,
    retryable: false,
    meaning: "This endpoint accepts only WebSocket connections.",
  },
  unknown_action: {
    status: 400,
    retryable: false,
    meaning: "The `action` of the WebSocket request does not exist.",
  },
  unauthorized: {
    status: 401,
    close: 4401,
    retryable: false,
    meaning: "The API key is missing, unknown, revoked or expired, or two different keys were sent.",
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
    meaning: "Pages of this origin, or under this host name, may not use the server.",
  },
  key_not_found: {
    status: 404,
    retryable: false,
    meaning: "There is no key with this id; it may have been revoked.",
  },
  too_many_keys: {
    status: 429,
    retryable: false,
    meaning: "The server has reached its maximum number of keys.",
  },
  rate_limited: {
    status: 429,
    retryable: true,
    meaning: "The key, or the address for requests without a key, exceeded a limit.",
  },
  route_not_found: {
    status: 404,
    retryable: false,
    meaning: "There is no such endpoint, or not with this method.",
  },
  library_not_found: {
    status: 404,
    close: 4404,
    retryable: false,
    meaning: "There is no library with this id or name.",
  },
  ambiguous_name: {
    status: 409,
    close: 4409,
    retryable: false,
    meaning: "Several libraries have this name; the message lists their ids.",
  },
  name_taken: {
    status: 409,
    retryable: false,
    meaning: "Another library has this name, and `unique_name` was requested.",
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
  chunk_not_found: {
    status: 404,
    retryable: false,
    meaning: "The library has no chunk with this id; replacing a document gives its chunks new ids.",
  },
  seq_mismatch: {
    status: 409,
    retryable: false,
    meaning:
      "The document's `seq` is not the `if_seq` of the write; `current_seq` is its present one, 0 if there is none.",
  },
  reembedding_in_progress: {
    status: 409,
    retryable: false,
    meaning: "The library is being re-embedded already; wait until that has ended, or cancel it.",
  },
  reembedding_not_found: {
    status: 404,
    retryable: false,
    meaning: "The library was never re-embedded, or the re-embedding has ended.",
  },
  embedding_model_changed: {
    status: 409,
    retryable: true,
    meaning: "The library changed over to another embedding model, again and again, while the text was being embedded.",
  },
  webhook_not_found: {
    status: 404,
    retryable: false,
    meaning: "The library has no webhook with this id.",
  },
  webhook_address_refused: {
    status: 422,
    retryable: false,
    meaning: "The webhook's address is in a network that this server does not call.",
  },
  too_many_webhooks: {
    status: 429,
    retryable: false,
    meaning: "The library, or the server, has reached its maximum number of webhooks; delete one first.",
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
    meaning: "The room has reached its maximum number of participants.",
  },
  too_many_sessions: {
    status: 429,
    retryable: false,
    meaning: "The connection has joined the maximum number of rooms; leave one first.",
  },
  position_expired: {
    status: 410,
    retryable: false,
    meaning: "Some events after this position have expired; `earliest_seq` is the earliest position to resume from.",
  },
  position_ahead: {
    status: 422,
    retryable: false,
    meaning: "The library has not reached this position, so events cannot be resumed from it.",
  },
  position_not_reached: {
    status: 504,
    retryable: true,
    meaning: "The library did not reach the search's `min_seq` in time.",
  },
  idempotency_conflict: {
    status: 422,
    retryable: false,
    meaning: "The line differs from the line already stored with this number under the same `Idempotency-Key`.",
  },
  too_many_subscriptions: {
    status: 429,
    retryable: false,
    meaning: "The connection has reached its maximum number of subscriptions.",
  },
  invalid_cursor: {
    status: 422,
    retryable: false,
    meaning: "The cursor was not returned by this list, or by a search of this library.",
  },
  cursor_expired: {
    status: 410,
    retryable: false,
    meaning: "The search whose pages the cursor continues is not kept any more; search again.",
  },
  answer_too_large: {
    status: 422,
    retryable: false,
    meaning: "The hits, or the results of an upload, hold more text than one response may; request less.",
  },
  text_not_searchable: {
    status: 422,
    retryable: false,
    meaning: "The library has no embedding model, so it accepts only vectors.",
  },
  embedder_unavailable: {
    status: 503,
    retryable: false,
    meaning: "The library's embedding model is not configured on this server, or could not start.",
  },
  embedder_rejected: {
    status: 502,
    retryable: false,
    meaning: "The embedding provider rejected the request; the message includes its reason.",
  },
  embedder_rate_limited: {
    status: 503,
    retryable: true,
    meaning: "The embedding provider's rate limit was reached.",
  },
  embedder_timeout: {
    status: 504,
    retryable: true,
    meaning: "The embedding provider did not respond in time.",
  },
  embedder_failed: {
    status: 502,
    retryable: true,
    meaning: "The embedding provider failed, or returned something other than vectors.",
  },
  embedder_dimension: {
    status: 502,
    retryable: false,
    meaning: "The embedding provider returned vectors whose dimension differs from the library's.",
  },
  upload_stalled: {
    status: 408,
    retryable: true,
    meaning: "The client sent or read nothing for too long.",
  },
  upload_aborted: {
    status: 400,
    retryable: true,
    meaning: "The upload was cut off; the lines before were committed.",
  },
  storage_full: {
    status: 507,
    retryable: true,
    meaning: "The disk is full; nothing of the request was written.",
  },
  storage_failed: {
    status: 503,
    retryable: true,
    meaning: "I/O error while reading or writing; nothing of the request was written.",
  },
  overloaded: {
    status: 503,
    close: 1013,
    retryable: true,
    meaning: "The server is overloaded; try again after `Retry-After`.",
  },
  starting: {
    status: 503,
    retryable: true,
    meaning: "The server is starting and opening its data; try again after `Retry-After`.",
  },
  recovering: {
    status: 503,
    retryable: true,
    meaning: "This node is still reading the library; try again after `Retry-After`, or on another node.",
  },
  shutting_down: {
    status: 503,
    close: 1001,
    retryable: true,
    meaning: "The server is shutting down; reconnect.",
  },
  slow_reader: {
    status: 429,
    close: 4429,
    retryable: true,
    meaning: "The client read too slowly; reconnect, and resume events with `from_seq`.",
  },
  internal: {
    status: 500,
    close: 1011,
    retryable: true,
    meaning: "Internal server error; the server's log has the details.",
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
