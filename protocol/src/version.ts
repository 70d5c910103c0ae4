/**
 * The version of the wire contract. A field added is a minor step, anything that an existing client
 * could notice is a major one. A test compares `schemaHash` with the schemas as they are, so a change
 * cannot slip through without this line being looked at.
 */
export const protocolVersion = "1.1";

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
] as const;

/** SHA-256 of all wire schemas as JSON Schema. */
export const schemaHash = "f6a3475e325884cd0ff40f864bbca7b9ae12dbab3f14df8dc492fa8f215f5e13";
