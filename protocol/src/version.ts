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
export const schemaHash = "056c0fc00a3f04db08515e1a56d935a0606bd6fc86859c81f4b02d7772f65827";
