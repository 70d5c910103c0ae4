import { z } from "zod";
import { searchPlan } from "./search/explanation.ts";
import { indexKind, indexSettings } from "./documents/index-settings.ts";
import { sequenceNumber, timestamp, uuid } from "./text.ts";

const count = z.int().min(0);

/**
 * The measured recall of an approximate index: sampled searches are repeated exactly when idle. Only samples taken
 * while the library had about as many chunks as now count, if there are such samples.
 */
export const measuredRecall = z.object({
  mean: z.number().min(0).max(1).describe("Fraction of the true hits that were found, over the newest samples"),
  minimum: z.number().min(0).max(1).describe("The lowest of them"),
  samples: z.int().positive().describe("Number of searches that were repeated exactly"),
  chunks: count.describe("Number of chunks in the library when the newest sample was taken"),
  oldest: timestamp.describe("When the oldest of these samples was taken"),
  newest: timestamp.describe("When the newest was taken"),
});
export type MeasuredRecall = z.output<typeof measuredRecall>;

/**
 * The recall of an approximate index when it was last measured, which happens before its first use and as it changes.
 */
export const indexMeasurement = z.object({
  recall: z
    .number()
    .min(0)
    .max(1)
    .describe("Fraction of the ten nearest that was found, for the kind of query with the lowest recall"),
  effort: count
    .nullable()
    .describe(
      "How much a search must look at for that; null if no effort reaches 0.99, so that searches compare every chunk",
    ),
  queries: count.describe("Number of queries it was measured with"),
  chunks: count.describe("Number of chunks it held then"),
  at: timestamp.describe("When it was measured"),
});

/** How searches are counted: by vector by their plan, others by their mode. */
const countedPlan = z.enum([...searchPlan.options, "hybrid"]);
export const countedPlans = countedPlan.options;
export type CountedPlan = z.output<typeof countedPlan>;

/** `GET /v1/libraries/{library_id}/stats` */
export const libraryStatistics = z.object({
  library_id: uuid.describe("The library"),
  seq: sequenceNumber.describe("Its position"),
  num_documents: count.describe("Number of documents"),
  num_chunks: count.describe("Number of chunks of all its documents"),
  index: z
    .object({
      settings: indexSettings.describe("The library's index settings"),
      kind: indexKind
        .nullable()
        .describe(
          "The index in use; null if it is not in memory, because there were no searches since startup or it is being built",
        ),
      effort: count
        .nullable()
        .describe("How much a search looks at: candidates of a graph (ef), or lists (nprobe); null if everything"),
      measured: indexMeasurement
        .nullable()
        .describe("Its quality when last measured; null for a flat index, and before the first measurement"),
      chunks: count.describe("Number of chunks it holds"),
      pending: count.describe("Number of chunks not in it yet, which are compared individually or read from disk"),
      rebuilding: z.boolean().describe("Whether a new index is being built"),
      memory_bytes: count.describe("Memory it takes, in bytes"),
      metadata_memory_bytes: count.describe("Memory of the metadata index, which filters use, in bytes"),
    })
    .describe("The index"),
  searches: z
    .object({
      total: count,
      exact: count,
      plans: z.partialRecord(countedPlan, count),
    })
    .describe("Searches since the server started"),
  recall: measuredRecall.nullable().describe("Measured recall of approximate results; null if none was sampled yet"),
});
export type LibraryStatistics = z.output<typeof libraryStatistics>;
