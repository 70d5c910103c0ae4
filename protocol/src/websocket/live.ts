import { z } from "zod";
import { liveCounts, liveHit } from "../search/search.ts";
import { documentId, sequenceNumber, uuid } from "../text.ts";

const place = { chunk_id: uuid, document_id: documentId };

/**
 * The current results of a live query, and how they differ from those last sent to its reader. A slow reader is sent
 * only the newest state.
 */
export const searchUpdated = z.object({
  type: z.literal("search.updated"),
  subscription_id: uuid.describe("The live query"),
  library_id: uuid.describe("The library"),
  seq: sequenceNumber.describe("The results are those that the same search would return at this position"),
  entered: z.array(liveHit).describe("Hits that entered"),
  left: z
    .array(z.object({ ...place, previous_rank: z.int().positive() }))
    .describe("Hits that left, with their previous rank"),
  moved: z
    .array(z.object({ ...place, rank: z.int().positive(), previous_rank: z.int().positive() }))
    .describe("Hits whose rank changed"),
  changed: z
    .array(z.object({ ...place, rank: z.int().positive() }))
    .describe("Hits that stayed and whose document's fields changed; `results` has the new fields"),
  results: z.array(liveHit).describe("All current hits"),
  total: z.int().min(0).describe("Number of these hits"),
  exact: z.boolean().describe("Whether no other chunk can belong to the hits"),
  ...liveCounts,
});
export type SearchUpdated = z.output<typeof searchUpdated>;
