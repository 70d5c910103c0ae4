import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { z } from "zod";
import { filter, library } from "../tool-arguments.ts";
import { beginningOf, inOneLine } from "../bounded-text.ts";
import type { McpDatabase } from "../mcp-database.ts";
import type { Tool, ToolAnswer } from "../mcp-tool.ts";

const input = z.strictObject({
  library: library
    .optional()
    .describe("Lists the documents of this library, by id or exact name; without it, libraries."),
  limit: z.int("must be a whole number").min(1, "must be at least 1").max(200, "must be at most 200").default(50),
  cursor: z.string().max(limits.listCursor).optional().describe("The `next_cursor` of the previous page."),
  filter,
  sort: z
    .string()
    .min(1, "must not be empty")
    .max(limits.shortText, `must be at most ${limits.shortText} characters`)
    .optional()
    .describe("Sorts documents by a field, such as `title`; after a minus sign in descending order: `-created_at`."),
});

const output = z.object({
  libraries: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        description: z.string().nullable(),
        num_documents: z.int(),
        num_chunks: z.int(),
        embedding_model: z.string(),
        position: z.int(),
      }),
    )
    .optional(),
  documents: z
    .array(
      z.object({
        id: z.string(),
        title: z.string(),
        author: z.string().nullable(),
        num_chunks: z.int(),
        updated_at: z.string(),
      }),
    )
    .optional(),
  /** Null on the last page. */
  next_cursor: z.string().nullable(),
});

type ListedPage = Omit<z.output<typeof input>, "library">;

const rest = (cursor: string | null) => (cursor === null ? "" : `\n(more: call again with cursor ${cursor})`);

async function libraries(
  database: McpDatabase,
  { limit, cursor, filter: narrowed, sort }: ListedPage,
  signal: AbortSignal,
): Promise<ToolAnswer<z.output<typeof output>>> {
  if (narrowed !== undefined || sort !== undefined) {
    throw new ArrwError("validation_failed", "library: is required with filter and sort, which are for documents", {
      field: "library",
    });
  }
  const { libraries: found, next_cursor } = await database.libraries({ limit, cursor }, signal);
  const shown = found.map(({ id, name, description, num_documents, num_chunks, embedding_model, seq }) => ({
    id,
    name: beginningOf(name, 200),
    description: description === null ? null : beginningOf(inOneLine(description), 300),
    num_documents,
    num_chunks,
    embedding_model,
    position: seq,
  }));
  const lines = shown.map(
    ({ id, name, description, num_documents }) =>
      `- ${name} (${id}), ${num_documents} documents${description === null ? "" : `: ${description}`}`,
  );
  const text = lines.length === 0 ? "There are no libraries." : lines.join("\n") + rest(next_cursor);
  return { structured: { libraries: shown, next_cursor }, text };
}

async function documents(
  database: McpDatabase,
  named: string,
  { filter: metadata_filter, ...page }: ListedPage,
  signal: AbortSignal,
): Promise<ToolAnswer<z.output<typeof output>>> {
  const id = await database.libraryId(named, signal);
  const { documents: found, next_cursor } = await database.documents(id, { metadata_filter, ...page }, signal);
  const shown = found.map((document) => ({
    id: document.id,
    title: beginningOf(inOneLine(document.title), 200),
    author: document.author === null ? null : beginningOf(document.author, 200),
    num_chunks: document.num_chunks,
    updated_at: document.updated_at,
  }));
  const lines = shown.map(
    ({ id: documentId, title, author }) =>
      `- ${title}${author === null ? "" : ` by ${author}`} (${shownDocumentId(documentId)})`,
  );
  const text =
    lines.length === 0
      ? metadata_filter === undefined
        ? "The library has no documents."
        : "No document passes the filter."
      : lines.join("\n") + rest(next_cursor);
  return { structured: { documents: shown, next_cursor }, text };
}

export const listTool: Tool<typeof input, typeof output> = {
  name: "list",
  title: "List libraries or documents",
  description:
    "Lists the libraries, or the documents of one, oldest first; those that pass a filter, or sorted by a field.",
  annotations: { readOnlyHint: true },
  input,
  output,
  run({ library: named, ...page }, { database }, signal) {
    return named === undefined ? libraries(database, page, signal) : documents(database, named, page, signal);
  },
};
