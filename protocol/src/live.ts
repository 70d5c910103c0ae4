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
  subscription_id: uuid,
  library_id: uuid,
  /** The results are those that the same search would answer at this position. */
  seq: sequenceNumber,
  entered: z.array(socketSearchHit),
  left: z.array(z.object({ ...place, previous_rank: z.int().positive() })),
  moved: z.array(z.object({ ...place, rank: z.int().positive(), previous_rank: z.int().positive() })),
  results: z.array(socketSearchHit),
  total: z.int().min(0),
  exact: z.boolean(),
});
export type SearchUpdated = z.output<typeof searchUpdated>;
