import { protocolVersion } from "../../version.ts";
import { mcpAnswer, mcpMessage, mcpRequest } from "../../operations/mcp-operations.ts";
import { health, interfaceDescription, readiness, serverDescription } from "../../server.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const serverSchemas: readonly SchemaEntry[] = [
  entry({
    wire: "serverDescription",
    name: "ServerDescription",
    schema: serverDescription,
    example: { name: "arrwDB", protocol: protocolVersion, libraries: "/v1/libraries" },
  }),
  entry({ wire: "health", name: "Health", schema: health, example: { status: "ok" } }),
  entry({ wire: "readiness", name: "Readiness", schema: readiness, example: { status: "ready" } }),
  // Parts of the others.
  entry({
    name: "Description",
    schema: interfaceDescription,
    example: { openapi: "3.1.1", info: { title: "arrwDB", version: protocolVersion } },
  }),
  entry({
    name: "McpMessage",
    schema: mcpMessage,
    example: { jsonrpc: "2.0", id: 1, result: { tools: [] } },
    lines: [{ jsonrpc: "2.0", id: 1, result: { tools: [] } }],
  }),
  entry({ name: "McpRequest", schema: mcpRequest, example: { jsonrpc: "2.0", id: 1, method: "tools/list" } }),
  entry({ name: "McpAnswer", schema: mcpAnswer, example: { jsonrpc: "2.0", id: 1, result: { tools: [] } } }),
];
