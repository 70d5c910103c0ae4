import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import { pieceOf } from "./bounded-text.ts";
import type { ToolContext } from "./mcp-tool.ts";
import { toolErrorText } from "./tool-error.ts";

/** Characters of a document that are read as a resource; the tool \`get\` reads the rest. */
const textOfResource = 200_000;

/** Documents as resources: `arrwdb://libraries/{library_id}/documents/{document_id}`. */
export function offerDocuments(server: McpServer, { database }: ToolContext): void {
  const template = "arrwdb://libraries/{library_id}/documents/{document_id}";
  server.registerResource(
    "document",
    new ResourceTemplate(template, { list: undefined }),
    { title: "A document", description: "The text of a document of a library.", mimeType: "text/plain" },
    async (uri, { library_id, document_id }, { mcpReq }) => {
      try {
        const library = await database.libraryId(decoded(library_id), mcpReq.signal);
        const { text } = await database.document(library, decoded(document_id), mcpReq.signal);
        return { contents: [{ uri: uri.href, mimeType: "text/plain", text: pieceOf(text, 0, textOfResource) }] };
      } catch (error) {
        throw new ResourceNotFoundError(uri.href, toolErrorText(error));
      }
    },
  );
}

/** The template leaves variables as they are in the URI. @throws URIError */
const decoded = (variable: string | readonly string[] | undefined) => decodeURIComponent(String(variable));
