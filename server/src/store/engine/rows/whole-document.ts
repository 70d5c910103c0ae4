import type { Document } from "@arrwdb/protocol/documents/model";
import type { ChunksTable } from "./chunks-table.ts";
import type { DocumentRow } from "./documents-table.ts";

/** A document with its chunks, and their texts joined. @param space with it, the chunks have their vectors of this space */
export function wholeDocument(chunks: ChunksTable, { key, summary }: DocumentRow, space?: number): Document {
  const parts = chunks.ofDocument(key, space);
  return { ...summary, text: parts.map(({ text }) => text).join("\n\n"), chunks: parts };
}
