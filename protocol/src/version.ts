/**
 * The version of the wire contract. A field added is a minor step, anything that an existing client
 * could notice is a major one. A test compares `schemaHash` with the schemas as they are, so a change
 * cannot slip through without this line being looked at.
 */
export const protocolVersion = "1.3";

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
      "A choice of index (flat, hnsw, ivf), which can be changed; exact and explain of a search; statistics of a library with measured recall.",
  },
  {
    version: "1.3",
    date: "2026-11-25",
    change: "Webhooks. The server describes itself (/openapi.json, /asyncapi.json, /docs).",
  },
] as const;

/** SHA-256 of all wire schemas as JSON Schema. */
export const schemaHash = "5fbd3cfd6264207e1d68c6ab05e8ebe726665a6193ee0d61a65ee0fe53f64027";
