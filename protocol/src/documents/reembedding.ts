import { z } from "zod";
import { errorCode } from "../errors/failure-fields.ts";
import { modelFields } from "./model.ts";
import { sequenceNumber, timestamp, uuid } from "../text.ts";

export const reembedRequest = z.strictObject({
  embedding_model: modelFields.embedding_model.optional().describe("The new model; the server's default if omitted"),
  dimension: modelFields.dimension.optional().describe("Must be the model's, if given"),
});
export type ReembedRequest = z.output<typeof reembedRequest>;

export const reembeddingStates = ["running", "done", "failed", "cancelled"] as const;
export const reembeddingState = z.enum(reembeddingStates);
export type ReembeddingState = z.output<typeof reembeddingState>;

/** The latest re-embedding of a library. */
export const reembedding = z.object({
  library_id: uuid,
  state: reembeddingState.describe(
    "`running`, in the background; `done`: the library has changed over at `seq`; otherwise it is as it was",
  ),
  embedding_model: z.string().describe("The model that the library changes over to"),
  dimension: z.int().min(1).describe("Its dimension"),
  chunks_done: z.int().min(0).describe("Chunks that have their new vector"),
  chunks_total: z.int().min(0).describe("Chunks that need one; more while documents are written"),
  started_at: timestamp,
  finished_at: timestamp.nullable().describe("Null while it is running"),
  seq: sequenceNumber
    .nullable()
    .describe("The position at which the library changed over; null before, and if it did not"),
  error: z.string().nullable().describe("Why it failed"),
  error_code: errorCode.nullable().describe("The same as a code"),
});
export type Reembedding = z.output<typeof reembedding>;
