import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { z } from "zod";
import { library } from "../tool-arguments.ts";
import { pieceOf, unlessLarge } from "../bounded-text.ts";
import type { Tool } from "../mcp-tool.ts";

const metadataCharacters = 10_000;

const input = z.strictObject({
  library,
  document_id: z.string().describe("The id of the document, from `search` or `list`."),
  offset: z
    .int("must be a whole number")
    .min(0, "must not be negative")
    .default(0)
    .describe(
      "The offset in the text to start at, for the next part of a long document: the `next_offset` of the previous part.",
    ),
  max_characters: z
    .int("must be a whole number")
    .min(100, "must be at least 100")
    .max(100_000, "must be at most 100000")
    .default(20_000)
    .describe("The maximum number of characters to return."),
});

const output = z.object({
  library_id: z.string(),
  document_id: z.string(),
  title: z.string(),
  author: z.string().nullable(),
  document_type: z.string().nullable(),
  source_url: z.string().nullable(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()).optional(),
  created_at: z.string(),
  updated_at: z.string(),
  text: z.string(),
  total_characters: z.int(),
  /** Null at the end of the text. */
  next_offset: z.int().nullable(),
});

export const getTool: Tool<typeof input, typeof output> = {
  name: "get",
  title: "Read a document",
  description: "Returns a document with its text, in parts if it is long.",
  annotations: { readOnlyHint: true },
  input,
  output,
  async run({ library: named, document_id, offset, max_characters }, { database }, signal) {
    const id = await database.libraryId(named, signal);
    const document = await database.document(id, document_id, signal);
    const text = pieceOf(document.text, offset, max_characters);
    const end = offset + text.length;
    const next = end < document.text.length ? end : null;
    const metadata = unlessLarge(document.metadata, metadataCharacters);
    const facts = [
      ...(document.author === null ? [] : [`by ${document.author}`]),
      ...(document.source_url === null ? [] : [document.source_url]),
      ...(document.tags.length === 0 ? [] : [`tags: ${document.tags.slice(0, 50).join(", ")}`]),
      ...(metadata === undefined || Object.keys(metadata).length === 0 ? [] : [stringifyExactly(metadata)]),
      `updated ${document.updated_at}`,
    ];
    const rest =
      next === null ? "" : `\n\n(${document.text.length - end} more characters; continue with offset ${next})`;
    return {
      structured: {
        library_id: id,
        document_id: document.id,
        title: document.title,
        author: document.author,
        document_type: document.document_type,
        source_url: document.source_url,
        tags: document.tags.slice(0, 50),
        ...(metadata === undefined ? {} : { metadata }),
        created_at: document.created_at,
        updated_at: document.updated_at,
        text,
        total_characters: document.text.length,
        next_offset: next,
      },
      text: `# ${document.title}\n${facts.join(" · ")}\n\n${text}${rest}`,
    };
  },
};
