import { z } from "zod";
import { aborted } from "../errors/failure-fields.ts";
import { sequenceNumber } from "../text.ts";
import { matchingFields } from "./matching-fields.ts";

/** `POST .../documents/delete`. */
export const documentsDeletion = z.strictObject(matchingFields);

const progress = {
  deleted: z.int().min(0).describe("Number of documents deleted so far"),
  seq: sequenceNumber.describe("The library's position after the last of them; if there is none, at the start"),
};

/** The response to a deletion by filter. */
export const documentsDeleted = z.object({
  ...progress,
  aborted: aborted("Why the deletion ended early; what is deleted stays deleted, and the same request goes on"),
});

export type DocumentsDeleted = z.output<typeof documentsDeleted>;

/** The last line of a deletion whose progress is streamed. */
export const deletionSummaryLine = z.object({ summary: documentsDeleted });

/** Each line of it. */
export const deletionLine = z.union([deletionSummaryLine, z.object(progress)]);
