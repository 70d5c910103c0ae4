import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { errorTable } from "@arrwdb/protocol/errors/error-table";
import { protocolHistory, protocolVersion, schemaHash } from "@arrwdb/protocol/version";
import { toJsonSchema, wireSchemas } from "@arrwdb/protocol/description/wire-schemas";

it("has a version that was reviewed for the wire as it is", () => {
  const wire = [...wireSchemas].map(([name, schema]) => [name, toJsonSchema(schema)]);
  const hash = createHash("sha256")
    .update(JSON.stringify([wire, errorTable]))
    .digest("hex");
  // A new hash is a change of the wire: decide on the version, add it to the history and PROTOCOL.md, then take the hash over.
  expect(hash).toBe(schemaHash);
  expect(protocolHistory.at(-1)?.version).toBe(protocolVersion);
});

it("would notice a change of a message", () => {
  const wire = new Map([...wireSchemas].map(([name, schema]) => [name, JSON.stringify(toJsonSchema(schema))]));
  expect(wire.get("searchRequest")).toContain("distance_threshold");
  expect(wire.get("documentInput")).toContain("document_type");
  expect(wire.get("libraryEvent")).toContain("document.added");
});
