import type { McpServer } from "@modelcontextprotocol/server";
import manifest from "../../package.json" with { type: "json" };
import { offerDocuments } from "./document-resource.ts";
import { StrictMcpServer } from "./tool-params.ts";
import { callerOf, descriptionOf, type ToolContext } from "./mcp-tool.ts";
import { addTool } from "./tools/add-tool.ts";
import { getTool } from "./tools/get-tool.ts";
import { listTool } from "./tools/list-tool.ts";
import { patchTool } from "./tools/patch-tool.ts";
import { searchTool } from "./tools/search-tool.ts";
import { watchTool } from "./tools/watch-tool.ts";

const instructions = `arrwDB keeps documents in libraries and finds passages in them by meaning.
Start with \`list\` to see the libraries. \`search\` finds passages, \`get\` reads a whole document, \`add\` stores one,
\`patch\` changes the fields of one.
\`watch\` waits for changes. Positions count the changes of one library; pass one as \`after\` to miss nothing.`;

/** An MCP server, for one connection or one request. */
export function createMcpServer(context: ToolContext): McpServer {
  const information = { name: "arrwdb", title: "arrwDB", version: manifest.version };
  const server = new StrictMcpServer(information, { instructions });
  server.registerTool(searchTool.name, descriptionOf(searchTool), callerOf(searchTool, context));
  server.registerTool(addTool.name, descriptionOf(addTool), callerOf(addTool, context));
  server.registerTool(patchTool.name, descriptionOf(patchTool), callerOf(patchTool, context));
  server.registerTool(getTool.name, descriptionOf(getTool), callerOf(getTool, context));
  server.registerTool(listTool.name, descriptionOf(listTool), callerOf(listTool, context));
  server.registerTool(watchTool.name, descriptionOf(watchTool), callerOf(watchTool, context));
  offerDocuments(server, context);
  return server;
}
