import { limits } from "@arrwdb/protocol/limits";
import type { ListThresholds } from "./ivf/list-plan.ts";
import { sliceTime } from "../../../scheduling/slice.ts";

export interface IndexThresholds extends ListThresholds {
  /** Chunks up to which an `auto` library is searched exactly. */
  readonly flatLimit: number;
  /** Vectors that may wait for the approximate structure before writers wait too. */
  readonly tailLimit: number;
  /** Vectors added to a graph at a time; bounds how long a search waits for it. */
  readonly slice: number;
  /** Minimum number of changes before a graph is saved; they have to be a fifth of it too. */
  readonly saveAfter: number;
  /** Milliseconds without requests after which it is saved. */
  readonly restAfter: number;
  /** An approximate search is preferred if it costs less than this fraction of an exhaustive scan. */
  readonly walkShare: number;
  /** Vector components that one search may compare while others wait. */
  readonly comparedAtOnce: number;
  /** Time slice of a long search in milliseconds. */
  readonly longSlice: number;
  /** Maximum number of hits on all pages of a search. */
  readonly rankedHits: number;
  /** Milliseconds for which the ranking of a search is kept while no page of it is read. */
  readonly pagesIdle: number;
  /** Size of the write-ahead log, in database pages of 16 KiB, at which rankings are not kept any more. */
  readonly pagesLog: number;
  /** Bytes of small indexes that stay in memory; beyond that, the least recently used are closed. */
  readonly flatBytes: number;
}

export const defaultThresholds: IndexThresholds = {
  flatLimit: 4_096,
  tailLimit: 8_192,
  slice: 64,
  saveAfter: 10_000,
  restAfter: 1_000,
  walkShare: 1,
  comparedAtOnce: 16 * 1024 * 1024,
  longSlice: sliceTime,
  rankedHits: limits.rankedHits,
  pagesIdle: 60_000,
  pagesLog: 16_000,
  flatBytes: 160 * 1024 * 1024,
  trainAt: 4_096,
  listSize: 39,
};
