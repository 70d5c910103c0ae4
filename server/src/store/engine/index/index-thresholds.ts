import type { ListThresholds } from "./ivf/list-plan.ts";
import { sliceTime } from "../../../scheduling/slice.ts";

export interface IndexThresholds extends ListThresholds {
  /** Chunks up to which a library whose index is `auto` is searched exactly. */
  readonly flatLimit: number;
  /** Vectors that may wait for the approximate structure before writers wait too. */
  readonly tailLimit: number;
  /** Vectors that go into a graph at a time; bounds how long a search waits for it. */
  readonly slice: number;
  /** Changes of a graph after which it is worth saving, if they are a fifth of it too. */
  readonly saveAfter: number;
  /** Milliseconds without requests after which it is saved. */
  readonly restAfter: number;
  /** What a walk through a graph may cost, as a part of what comparing everything does, to be preferred. */
  readonly walkShare: number;
  /** Numbers of codes that are compared for one search while others wait. */
  readonly comparedAtOnce: number;
  /** Milliseconds for which a search that takes long goes on before others have their turn. */
  readonly longSlice: number;
  /** Bytes of the small indexes that stay in memory; those that were not used for longest go. */
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
  flatBytes: 160 * 1024 * 1024,
  trainAt: 4_096,
  listSize: 39,
};
