import type { IndexSettings } from "@arrwdb/protocol/model";
import { type IvfPlan, type ListThresholds, planLists } from "./ivf/ivf-plan.ts";
import { sliceTime } from "../../../scheduling/slice.ts";
import type { GraphShape } from "./hnsw/native-graph.ts";

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

/** The index that a library of this size should have. */
export type IndexPlan =
  | { readonly kind: "flat" }
  | { readonly kind: "hnsw"; readonly shape: GraphShape; readonly effort: number }
  | IvfPlan;

const automatic = { m: 16, ef_construction: 128, ef: 40, quantization: "i8" } as const;

export function planIndex(
  settings: IndexSettings,
  dimension: number,
  size: number,
  thresholds: IndexThresholds,
): IndexPlan {
  switch (settings.type) {
    case "flat":
      return { kind: "flat" };
    case "ivf":
      return planLists(settings.nlist, settings.nprobe, size, thresholds);
    case "hnsw":
      return { kind: "hnsw", shape: toShape(dimension, settings), effort: settings.ef };
    case "auto":
      return size > thresholds.flatLimit
        ? { kind: "hnsw", shape: toShape(dimension, automatic), effort: automatic.ef }
        : { kind: "flat" };
  }
}

type GraphSettings = Omit<Extract<IndexSettings, { type: "hnsw" }>, "type">;

function toShape(dimension: number, settings: GraphSettings): GraphShape {
  return {
    dimension,
    quantization: settings.quantization,
    connectivity: settings.m,
    expansionAdd: settings.ef_construction,
  };
}
