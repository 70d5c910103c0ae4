import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { IdentifiedChunk } from "../../engine/changes/replica-step.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { integer, nullableText, type Row, text } from "../../engine/rows/row-values.ts";
import type { NewChunk } from "../../document-store.ts";

export const summaryColumn = new JsonColumn<DocumentSummary>();
/** What a chunk has besides its id and vector. */
export const chunkColumn = new JsonColumn<Pick<NewChunk, "text" | "pageNumber" | "metadata">>();

export const documentColumns = "id, added, seq, chunks_seq, upload, summary";

/** A document as stored. */
export interface LoggedDocument {
  readonly summary: DocumentSummary;
  /** The position at which it was first added. */
  readonly added: number;
  /** The position of the write that its chunks are from. */
  readonly chunksSeq: number;
  readonly uploadId: string | null;
}

export function toLoggedDocument(row: Row): LoggedDocument {
  return {
    summary: summaryColumn.decode(text(row, "summary")),
    added: integer(row, "added"),
    chunksSeq: integer(row, "chunks_seq"),
    uploadId: nullableText(row, "upload"),
  };
}

/** Content of a chunk in JSON, which has no line breaks. */
export const contentOf = ({ text: content, pageNumber, metadata }: IdentifiedChunk): string =>
  chunkColumn.encode({ text: content, pageNumber, metadata });
