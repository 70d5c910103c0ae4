/**
 * The version of the wire contract. A field added is a minor step, anything that an existing client
 * could notice is a major one. A test compares `schemaHash` with the schemas as they are, so a change
 * cannot slip through without this line being looked at.
 */
export const protocolVersion = "1.0";

export const protocolHistory = [
  {
    version: "1.0",
    date: "2026-11-23",
    change: "Libraries, documents, NDJSON ingestion, search, WebSocket with live events.",
  },
] as const;

/** SHA-256 of all wire schemas as JSON Schema. */
export const schemaHash = "370c23228dee0de575bc964fffe17e583a64a90db9afa45516a8d5ebf75f910e";
