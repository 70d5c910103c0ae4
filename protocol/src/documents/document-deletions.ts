import { z } from "zod";
import { filter } from "../filter/filter.ts";
import { sequenceNumber } from "../text.ts";
import { errorCode } from "./ingestion.ts";

export const deletionFields = {
  metadata_filter: filter
    .nullable()
    .optional()
    .describe("A filter on the documents' own fields, as for events; without conditions, `confirm` is required"),
  confirm: z
    .literal("all", { error: 'must be "all"' })
    .optional()
    .describe("`all` confirms that every document is meant, for a filter without conditions"),
};

/** `POST .../documents/delete`. */
export const documentsDeletion = z.strictObject(deletionFields);

const progress = {
  deleted: z.int().min(0).describe("Number of documents deleted so far"),
  seq: sequenceNumber.describe("The library's position after the last of them; if there is none, at the start"),
};

/** The response to a deletion by filter. */
export const documentsDeleted = z.object({
  ...progress,
  aborted: z
    .object({ error: z.string(), error_code: errorCode })
    .optional()
    .describe("Why the deletion ended early; what is deleted stays deleted, and the same request goes on"),
});

export type DocumentsDeleted = z.output<typeof documentsDeleted>;

/** The last line of a deletion whose progress is streamed. */
export const deletionSummaryLine = z.object({ summary: documentsDeleted });

/** Each line of it. */
export const deletionLine = z.union([deletionSummaryLine, z.object(progress)]);
