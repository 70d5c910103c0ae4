import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { metadata as wireMetadata } from "@arrwdb/protocol/documents/metadata";
import { position } from "@arrwdb/protocol/text";
import { z } from "zod";
import { library } from "../tool-arguments.ts";
import type { Tool } from "../mcp-tool.ts";

const input = z.strictObject({
  library,
  id: z.string().describe("The id of the document."),
  title: z.string().nullable().optional().describe("null has it made from the text."),
  author: z.string().nullable().optional().describe("null removes it."),
  source_url: z.string().nullable().optional().describe("null removes it."),
  document_type: z.string().nullable().optional().describe("null removes it."),
  tags: z.array(z.string()).nullable().optional().describe("All tags of the document; null removes them."),
  metadata: z
    .record(z.string(), z.unknown())
    .pipe(wireMetadata)
    .optional()
    .describe("Custom fields to set, merged into those that the document has; a field that is null is removed."),
  if_seq: position.optional().describe("Change the document only if its `seq` is this."),
});

const output = z.object({
  library_id: z.string(),
  document_id: z.string(),
  title: z.string(),
  /** The document's `seq`. */
  seq: z.int(),
  position: z.int(),
});

export const patchTool: Tool<typeof input, typeof output> = {
  name: "patch",
  title: "Change a document's fields",
  description:
    "Changes the title, author, type, URL, tags or custom fields of a document; fields that are omitted stay. Its text stays as it is: use `add` with its id to replace the whole document.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  input,
  output,
  async run({ library: named, id: documentId, ...patch }, { database }, signal) {
    const id = await database.libraryId(named, signal);
    const { document, seq } = await database.patch(id, documentId, patch, signal);
    return {
      structured: { library_id: id, document_id: document.id, title: document.title, seq: document.seq, position: seq },
      text: `Document ${shownDocumentId(document.id)} is now "${document.title}" with seq ${document.seq}. Position: ${seq}`,
    };
  },
};
