import { z } from "zod";
import { searchPlan } from "./explanation.ts";
import { indexSettings } from "./model.ts";
import { sequenceNumber, uuid } from "./text.ts";

const count = z.int().min(0);

/** What the answers of an approximate index were worth: real searches, answered again exactly when there was time. */
export const measuredRecall = z.object({
  /** The part of the true hits that were found, over the newest samples. */
  mean: z.number().min(0).max(1),
  /** The worst of them. */
  minimum: z.number().min(0).max(1),
  samples: z.int().positive(),
});
export type MeasuredRecall = z.output<typeof measuredRecall>;

/** How searches are counted: by vector by their plan, others by their mode. */
const countedPlan = z.enum([...searchPlan.options, "hybrid"]);
export type CountedPlan = z.output<typeof countedPlan>;

/** `GET /v1/libraries/{library_id}/stats` */
export const libraryStatistics = z.object({
  library_id: uuid,
  seq: sequenceNumber,
  num_documents: count,
  num_chunks: count,
  index: z.object({
    settings: indexSettings,
    /** The index in use; null where it is not in memory, as nobody has searched since the start, or it is in the making. */
    kind: z.enum(["flat", "hnsw", "ivf"]).nullable(),
    /** How much a search looks at: candidates of a graph (ef), or lists (nprobe); null where it is everything. */
    effort: count.nullable(),
    /** Chunks that it holds. */
    chunks: count,
    /** Chunks that are compared one by one, or read from disk, until they are in it. */
    pending: count,
    /** Whether another one is in the making. */
    rebuilding: z.boolean(),
    memory_bytes: count,
    /** Memory of the index of metadata, which filters use. */
    metadata_memory_bytes: count,
  }),
  /** Since the server has started. */
  searches: z.object({
    total: count,
    exact: count,
    plans: z.partialRecord(countedPlan, count),
  }),
  /** Null where no approximate answer was sampled yet. */
  recall: measuredRecall.nullable(),
});
export type LibraryStatistics = z.output<typeof libraryStatistics>;
