import { z } from "zod";
import { aborted } from "../errors/failure-fields.ts";
import { chunk, documentSummary, library, titleGenerated } from "./model.ts";
import { sequenceNumber } from "../text.ts";

/** A chunk with its vector at length 1: base64 of little-endian float32. */
export const exportedChunk = chunk.extend({ embedding: z.string() });

export const exportedDocument = documentSummary.extend({ chunks: z.array(exportedChunk) });
/** The same as read, from servers before 1.5 too. */
const readDocument = exportedDocument.extend({
  title_generated: titleGenerated.default(false),
  expires_at: documentSummary.shape.expires_at.default(null),
});
export type ExportedDocument = z.output<typeof exportedDocument>;

export const exportSummary = z.object({
  documents: z.int().min(0).describe("Number of documents before this line"),
  chunks: z.int().min(0).describe("Number of chunks before this line"),
  seq: sequenceNumber.describe("The library's position that the whole export reflects"),
  aborted: aborted("Why the export is incomplete"),
});
export type ExportSummary = z.output<typeof exportSummary>;

/**
 * One line of an export: first the library, then its documents in the order in which they were first added, then what it
 * came to. An export without its last line was cut off.
 */
export const exportLine = z.union([
  z.object({ library }),
  z.object({ document: readDocument }),
  z.object({ summary: exportSummary }),
]);
export type ExportLine = z.output<typeof exportLine>;
