import type { Document } from "@arrwdb/protocol/documents/model";
import type { ChunksTable } from "./chunks-table.ts";
import type { DocumentRow } from "./documents-table.ts";

/** A document with its chunks, and their texts joined. */
export function wholeDocument(chunks: ChunksTable, { key, summary }: DocumentRow, vectors = false): Document {
  const parts = chunks.ofDocument(key, vectors);
  return { ...summary, text: parts.map(({ text }) => text).join("\n\n"), chunks: parts };
}
