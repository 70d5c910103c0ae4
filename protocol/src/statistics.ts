import { z } from "zod";
import { searchPlan } from "./explanation.ts";
import { indexSettings } from "./model.ts";
import { sequenceNumber, timestamp, uuid } from "./text.ts";

const count = z.int().min(0);

/**
 * What the answers of an approximate index were worth: real searches, answered again exactly when there was time, while the
 * library had about as many chunks as now (if there are such samples).
 */
export const measuredRecall = z.object({
  mean: z.number().min(0).max(1).describe("The part of the true hits that were found, over the newest samples"),
  minimum: z.number().min(0).max(1).describe("The worst of them"),
  samples: z.int().positive().describe("Searches that were answered again exactly"),
  chunks: count.describe("Chunks of the library when the newest sample was taken"),
  oldest: timestamp.describe("When the oldest of these samples was taken"),
  newest: timestamp.describe("When the newest was taken"),
});
export type MeasuredRecall = z.output<typeof measuredRecall>;

/** What an approximate index was worth when it was last measured, which happens before it is used and as it changes. */
export const indexMeasurement = z.object({
  recall: z
    .number()
    .min(0)
    .max(1)
    .describe("The part of the ten nearest that was found, by the kind of query that fared worst"),
  effort: count
    .nullable()
    .describe(
      "What a search has to look at for that; null if no effort finds 0.99, so that searches compare every chunk",
    ),
  queries: count.describe("Queries that it was measured with"),
  chunks: count.describe("Chunks that it held then"),
  at: timestamp.describe("When that was"),
});

/** How searches are counted: by vector by their plan, others by their mode. */
const countedPlan = z.enum([...searchPlan.options, "hybrid"]);
export const countedPlans = countedPlan.options;
export type CountedPlan = z.output<typeof countedPlan>;

/** `GET /v1/libraries/{library_id}/stats` */
export const libraryStatistics = z.object({
  library_id: uuid.describe("The library"),
  seq: sequenceNumber.describe("Its position"),
  num_documents: count.describe("Documents that it holds"),
  num_chunks: count.describe("Chunks of all its documents"),
  index: z
    .object({
      settings: indexSettings.describe("What was chosen"),
      kind: z
        .enum(["flat", "hnsw", "ivf"])
        .nullable()
        .describe(
          "The index in use; null where it is not in memory, as nobody has searched since the start, or it is in the making",
        ),
      effort: count
        .nullable()
        .describe(
          "How much a search looks at: candidates of a graph (ef), or lists (nprobe); null where it is everything",
        ),
      measured: indexMeasurement
        .nullable()
        .describe("What it was worth when it was last measured; null for a flat index, and before the first time"),
      chunks: count.describe("Chunks that it holds"),
      pending: count.describe("Chunks that are compared one by one, or read from disk, until they are in it"),
      rebuilding: z.boolean().describe("Whether another one is in the making"),
      memory_bytes: count.describe("Bytes of memory that it takes"),
      metadata_memory_bytes: count.describe("Bytes of the index of metadata, which filters use"),
    })
    .describe("The index"),
  searches: z
    .object({
      total: count,
      exact: count,
      plans: z.partialRecord(countedPlan, count),
    })
    .describe("Searches since the server started"),
  recall: measuredRecall.nullable().describe("What approximate answers were worth; null where none was sampled yet"),
});
export type LibraryStatistics = z.output<typeof libraryStatistics>;
