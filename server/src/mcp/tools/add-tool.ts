import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { limits } from "@arrwdb/protocol/limits";
import { metadata as wireMetadata } from "@arrwdb/protocol/documents/metadata";
import { z } from "zod";
import { library } from "../tool-arguments.ts";
import type { Tool } from "../mcp-tool.ts";

const input = z.strictObject({
  library,
  title: z.string().optional().describe("The title of the document; made from the beginning of its text if absent."),
  texts: z
    .array(z.string())
    .min(1, "must have at least one text")
    .max(limits.chunksPerDocument, `must have at most ${limits.chunksPerDocument} texts`)
    .describe("The text, split into passages of one to three paragraphs; each passage is searchable on its own."),
  id: z
    .string()
    .optional()
    .describe("Any text, such as a URL. An existing document with this id is replaced. Omit it for a new document."),
  author: z.string().optional(),
  source_url: z.string().optional(),
  document_type: z.string().optional().describe('Such as "note" or "article".'),
  tags: z.array(z.string()).optional(),
  // A schema of objects would leave out a field called `__proto__`.
  metadata: z
    .unknown()
    .meta({ type: "object" })
    .pipe(wireMetadata)
    .optional()
    .describe("Custom fields, usable in filters: any JSON under any names."),
});

const output = z.object({
  library_id: z.string(),
  document_id: z.string(),
  title: z.string(),
  num_chunks: z.int(),
  position: z.int(),
});

export const addTool: Tool<typeof input, typeof output> = {
  name: "add",
  title: "Add a document",
  description:
    "Stores a document in a library. When it returns, the document is on disk and `search` finds it. With the `id` of an existing document, that document is replaced as a whole.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
  input,
  output,
  async run({ library: named, metadata = {}, ...document }, { database }, signal) {
    const id = await database.libraryId(named, signal);
    const { document: written, seq } = await database.add(id, { ...document, metadata }, signal);
    return {
      structured: {
        library_id: id,
        document_id: written.id,
        title: written.title,
        num_chunks: written.num_chunks,
        position: seq,
      },
      text: `Stored "${written.title}" as document ${shownDocumentId(written.id)}. Position: ${seq}`,
    };
  },
};
