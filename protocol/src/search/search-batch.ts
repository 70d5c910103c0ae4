import { z } from "zod";
import { failureFields } from "../errors/failure-fields.ts";
import { limits } from "../limits.ts";
import { searchRequest, searchResponse } from "./search.ts";

/** Several searches of one library in one request. */
export const searchBatchRequest = z.strictObject({
  searches: z
    .array(searchRequest)
    .min(1, "must have at least one search")
    .max(
      limits.searchesPerBatch,
      `has more than ${limits.searchesPerBatch} searches; send the others in a further request`,
    )
    .describe("The searches; if one is invalid, none is made"),
});

export const searchFailure = z.object({
  success: z.literal(false).describe("The search failed; the others of the batch are not affected"),
  ...failureFields("search"),
});

export const searchBatchResponse = z.object({
  answers: z
    .array(z.union([searchResponse, searchFailure]))
    .describe("What each search is answered with, in their order; each has a position of its own"),
});
export type SearchBatchResponse = z.output<typeof searchBatchResponse>;
