/**
 * The version of the wire contract. A field added is a minor step, anything that an existing client
 * could notice is a major one. A test compares `schemaHash` with the schemas as they are, so a change
 * cannot slip through without this line being looked at.
 */
export const protocolVersion = "1.5";

export const protocolHistory = [
  {
    version: "1.0",
    date: "2026-11-23",
    change: "Libraries, documents, NDJSON ingestion, search, WebSocket with live events.",
  },
  {
    version: "1.1",
    date: "2026-11-23",
    change:
      "Resuming from a position (from_seq, Last-Event-ID, min_seq), retention, search.performed, Server-Sent Events, live queries, rooms, Idempotency-Key.",
  },
  {
    version: "1.2",
    date: "2026-11-24",
    change:
      "Choice of index (flat, hnsw, ivf), changeable at any time; exact and explain for searches; library statistics with measured recall; keyword and hybrid search (mode); the language of a library.",
  },
  {
    version: "1.3",
    date: "2026-11-25",
    change:
      "API descriptions (/openapi.json, /asyncapi.json, /docs); API keys with scopes and limits, browser sign-in, an audit trail; webhooks; export of a library with its vectors, and documents with theirs (vectors=true); metrics; request_id in problems, traceparent and tracestate in WebSocket requests, the error starting.",
  },
  {
    version: "1.4",
    date: "2026-11-28",
    change:
      "Whole numbers in metadata and filters are exact at any size; created_at and updated_at are compared as instants, and other fields with $date; the action ping; compressed bodies on every JSON route, and compressed responses; the errors malformed_request, request_timeout, expectation_failed and headers_too_large; Server-Sent Events carry positions and keep-alives as events named progress and heartbeat, and end at once with status 200 while the server starts or stops; a long upload's JSON response begins early, with white space. The measured quality of an index (measured in the statistics, effort and walkable in an explanation); measured recall has a size and dates.",
  },
  {
    version: "1.5",
    date: "2026-11-28",
    change:
      "A page of events for requests that do not name text/event-stream; /openapi.json has a security scheme, one response type for each operation, and filters that generated clients can write. A document's id is any text of 1 to 512 bytes, no longer only a UUID. Metadata takes any JSON, up to 32 levels deep, under any names; filters reach into lists, and metadata.NAME is the user's field; own_metadata in hits. A document's title may be missing, null or empty, and is then made from its text (title_generated in documents, receipts, hits and events); tags takes one text. Writes of one document that depend on its seq (if_seq), with the error seq_mismatch and its current_seq. Documents' fields are changed by JSON merge patches, also by filter (PATCH, patch, POST /documents/patch), and search.updated names hits whose fields changed (changed). Documents are listed by filter, sorted by a field, or by their ids, and counted and deleted by filter, also over the WebSocket (list, count, delete), with the error confirmation_required. Documents that expire (expires_at, ttl_seconds), with the event document.expired; filters and sorting by expires_at, which is compared as an instant. Searches for chunks like a document or chunk (like), with the error chunk_not_found; that count the values of fields among all that match (facets), and that find groups (group_by), in live queries too; several searches in one request (search/batch). A library's name stands for its id in URLs if no other library has it; unique_name, and the errors ambiguous_name and name_taken; library_id in the response to join. Libraries are created with index_type and embedding_model null, requests may have the type request, and X-API-Key carries a key, as for the Python server. Searches have pages of one ranking at one position (pages, cursor, next_cursor, truncated), with the error cursor_expired. Searches and live queries return chosen fields of hits (include), also vectors, and mark the words of a query (highlight, highlights in hits); text, metadata and document of a hit are absent if they are not included. Libraries are re-embedded with another model or dimension in the background (reembedding), with the errors reembedding_in_progress, reembedding_not_found and embedding_model_changed. The error recovering.",
  },
] as const;

/** SHA-256 of all wire schemas as JSON Schema, without their descriptions, and of the errors. */
export const schemaHash = "53e94df07ccb7b2d40f4208169508901b2960c1594331d8a398b4488f0897356";
