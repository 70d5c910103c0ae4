import { z } from "zod";
import { indexKind } from "../documents/index-settings.ts";

const milliseconds = z.number().min(0);
const count = z.int().min(0);

/**
 * How an answer was found. `none`: nothing passes the filter. `read`: so few chunks pass that their vectors were read.
 * `scan`: everything that passes was compared in memory. `walk`: the index was searched, and its candidates filtered.
 * `disk`: every vector was read and compared. `text`: no vectors were compared, as it is a text search.
 */
export const searchPlan = z.enum(["none", "read", "scan", "walk", "disk", "text"]);
export type SearchPlanName = z.output<typeof searchPlan>;

/** Added to a response by `?explain=true`. */
export const searchExplanation = z.object({
  plan: searchPlan.describe("The query plan"),
  index: indexKind.nullable().describe("The index that answered; null if it was the disk"),
  matching: count
    .nullable()
    .describe(
      "Maximum number of chunks that pass the filter; null without a filter, or if the metadata index does not know",
    ),
  selectivity: z.number().min(0).max(1).nullable().describe("The same as a fraction of the library, from 0 to 1"),
  candidates: count.describe("Chunks whose distance was computed in full precision"),
  effort: count
    .nullable()
    .describe(
      "How much the index looked at: candidates of a graph, or lists; null if everything that passes was compared",
    ),
  walkable: z
    .boolean()
    .nullable()
    .describe(
      "Whether the index finds 0.99 of the nearest at some effort; if false, everything is compared; null if it is exact or not measured yet",
    ),
  batch: z.int().positive().describe("Number of searches answered together, including this one"),
  words: z
    .object({
      /** The query's terms, as indexed. */
      terms: z.array(z.string()),
      /** Terms added to the query because the best hits of both kinds share them. */
      added: z.array(z.string()),
      /** Chunks that contain one of these words, whether they pass the filter or not. */
      matching: count,
    })
    .optional()
    .describe("For keyword and hybrid searches; the plan of a hybrid search is that of its vector part"),
  waited_ms: milliseconds.describe("Time spent waiting for the search thread, in ms"),
  search_ms: milliseconds.describe("Time spent selecting and comparing, in ms"),
  read_ms: milliseconds.describe("Time spent reading the hits, in ms"),
});
export type SearchExplanation = z.output<typeof searchExplanation>;
