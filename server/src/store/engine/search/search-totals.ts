import type { CountedPlan, MeasuredRecall } from "@arrwdb/protocol/statistics";
import type { Hold } from "../../../scheduling/hold-meter.ts";
import type { IndexKind } from "@arrwdb/protocol/model";

/** Indexes of one kind, all libraries together. */
export interface IndexTotals {
  readonly kind: IndexKind;
  readonly libraries: number;
  readonly chunks: number;
  readonly bytes: number;
}

/** How a library is searched. */
export interface SearchedLibrary {
  readonly id: string;
  readonly searches: number;
  readonly recall: MeasuredRecall | null;
}

/** All searches since the start, and how well they were answered. */
export interface SearchTotals {
  readonly searches: number;
  readonly exact: number;
  readonly plans: Readonly<Partial<Record<CountedPlan, number>>>;
  /** Over the newest samples of all libraries. */
  readonly recall: MeasuredRecall | null;
  readonly recallSamples: number;
  /** The most searched libraries. */
  readonly libraries: readonly SearchedLibrary[];
}

export interface SearchStatistics extends SearchTotals {
  /** Vectors, and libraries, that wait for their index. */
  readonly pending: number;
  /** Libraries whose indexes are being rebuilt. */
  readonly rebuilding: number;
  readonly indexes: readonly IndexTotals[];
  readonly metadataBytes: number;
  readonly holds: readonly Hold[];
}
