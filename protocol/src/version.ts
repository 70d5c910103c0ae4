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
export const schemaHash = "fec2d7b39d072d0bdb328b17580fe8903d5dbd4e6a9850924c14489441a00847";
