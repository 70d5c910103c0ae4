import { z } from "zod";
import { aborted, currentSeq, failureFields } from "../errors/failure-fields.ts";
import { limits } from "../limits.ts";
import { titleGenerated } from "./model.ts";
import { documentId, sequenceNumber } from "../text.ts";

const line = z.int().positive();

export const receipt = z.object({
  line: line.describe("Line number in the upload, from 1, counting blank lines"),
  success: z.literal(true).describe("The document is on disk, and the next search finds it"),
  document_id: documentId.describe("The id of the document"),
  title: z.string().describe("Its title"),
  title_generated: titleGenerated,
  num_chunks: z.int().positive().describe("Number of chunks"),
  seq: sequenceNumber.describe("The library's position after this document"),
  replayed: z
    .literal(true)
    .optional()
    .describe(
      "The line was committed by an earlier upload with the same `Idempotency-Key`; this is its original receipt",
    ),
});
export type Receipt = z.output<typeof receipt>;

export const failure = z.object({
  line: line.describe("Line number in the upload, from 1, counting blank lines"),
  success: z.literal(false).describe("Nothing of the line was stored"),
  ...failureFields("line"),
  current_seq: currentSeq,
});
export type Failure = z.output<typeof failure>;

export type LineResult = Receipt | Failure;

const totals = {
  successful: z.int().min(0).describe("Number of lines stored"),
  failed: z.int().min(0).describe("Number of lines that failed"),
  seq: sequenceNumber.describe(
    "The library's position after the last line that this upload committed, or at its start if it committed none",
  ),
  processing_time_ms: z.number().min(0).describe("Time from the first byte to the last result, in ms"),
  aborted: aborted("Why the upload ended early; what follows that point was not read"),
};

/** The single JSON response at the end of an upload. */
export const ingestionResponse = z.object({
  results: z
    .array(z.discriminatedUnion("success", [receipt, failure]))
    .describe("A result for each line, in line order"),
  ...totals,
});
export type IngestionSummary = z.output<typeof ingestionSummary>;

export const ingestionSummary = z.object(totals);
/** The last line of an upload's streamed receipts. */
export const ingestionSummaryLine = z.object({ summary: ingestionSummary });

/** Each line of receipts that are streamed. */
export const uploadLine = z.union([receipt, failure, ingestionSummaryLine]);

/** The header that names an upload, so that it can be sent again without storing anything twice. */
export const idempotencyKey = z
  .string()
  .min(1, "must not be empty")
  .max(limits.idempotencyKeyLength, `must have at most ${limits.idempotencyKeyLength} characters`)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without spaces, such as a UUID")
  .describe("A key for the upload, so that it can be retried without storing anything twice");

/** `?errors_only=true` leaves the good receipts out. */
export const ingestionQuery = z.strictObject({
  errors_only: z
    .enum(["true", "false"], { error: "must be true or false" })
    .default("false")
    .transform((text) => text === "true")
    .describe("Whether to omit successful receipts"),
});
