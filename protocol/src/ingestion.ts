import { z } from "zod";
import { errorCodes } from "./errors.ts";
import { limits } from "./limits.ts";
import { sequenceNumber, uuid } from "./text.ts";

const line = z.int().positive();

export const errorCode = z.literal(errorCodes);

export const receipt = z.object({
  line,
  success: z.literal(true),
  document_id: uuid,
  title: z.string(),
  num_chunks: z.int().positive(),
  seq: sequenceNumber,
  /** The line was committed by an earlier upload with the same `Idempotency-Key`; this is its first receipt. */
  replayed: z.literal(true).optional(),
});
export type Receipt = z.output<typeof receipt>;

export const failure = z.object({
  line,
  success: z.literal(false),
  error: z.string(),
  error_code: errorCode,
  field: z.string().optional(),
  retryable: z.boolean(),
});
export type Failure = z.output<typeof failure>;

export type LineResult = Receipt | Failure;

const totals = {
  successful: z.int().min(0),
  failed: z.int().min(0),
  /** The library's position after the last line that this upload committed, or when it began. */
  seq: sequenceNumber,
  processing_time_ms: z.number().min(0),
  /** Why the upload ended before its end; what stands behind that point was not read. */
  aborted: z.object({ error: z.string(), error_code: errorCode }).optional(),
};

/** The one JSON answer at the end of an upload. */
export const ingestionResponse = z.object({
  results: z.array(z.discriminatedUnion("success", [receipt, failure])),
  ...totals,
});
export type IngestionSummary = z.output<typeof ingestionSummary>;

export const ingestionSummary = z.object(totals);
/** The last line of an upload whose receipts are streamed. */
export const ingestionSummaryLine = z.object({ summary: ingestionSummary });

/** Each line of receipts that are streamed. */
export const uploadLine = z.union([receipt, failure, ingestionSummaryLine]);

/** The header that names an upload, so that it can be sent again without storing anything twice. */
export const idempotencyKey = z
  .string()
  .min(1, "must not be empty")
  .max(limits.idempotencyKeyLength, `must have at most ${limits.idempotencyKeyLength} characters`)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without spaces, such as a UUID");

/** `?errors_only=true` leaves the good receipts out. */
export const ingestionQuery = z.strictObject({
  errors_only: z
    .enum(["true", "false"], { error: "must be true or false" })
    .default("false")
    .transform((text) => text === "true"),
});
