import { z } from "zod";
import { socketSearchHit } from "./search.ts";
import { sequenceNumber, uuid } from "./text.ts";

const place = { chunk_id: uuid, document_id: uuid };

/**
 * What a live query's results have become, and how they differ from what its reader was told before. A reader that is
 * slow is told of the newest state alone.
 */
export const searchUpdated = z.object({
  type: z.literal("search.updated"),
  subscription_id: uuid.describe("The live query"),
  library_id: uuid.describe("The library"),
  seq: sequenceNumber.describe("The results are those that the same search would answer at this position"),
  entered: z.array(socketSearchHit).describe("Hits that are new"),
  left: z
    .array(z.object({ ...place, previous_rank: z.int().positive() }))
    .describe("Hits that are gone, with the rank that they had"),
  moved: z
    .array(z.object({ ...place, rank: z.int().positive(), previous_rank: z.int().positive() }))
    .describe("Hits whose rank has changed"),
  results: z.array(socketSearchHit).describe("All hits as they are now"),
  total: z.int().min(0).describe("How many these are"),
  exact: z.boolean().describe("Whether no other chunk can belong to them"),
});
export type SearchUpdated = z.output<typeof searchUpdated>;
