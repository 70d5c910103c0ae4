import type { CountedPlan, MeasuredRecall } from "@arrwdb/protocol/statistics";
import type { Hold } from "../../../scheduling/hold-meter.ts";
import type { RegistryTotals } from "../index/index-totals.ts";

/** How a library is searched. */
export interface SearchedLibrary {
  readonly id: string;
  readonly searches: number;
  readonly recall: MeasuredRecall | null;
}

/** All searches since the start, and their recall. */
export interface SearchTotals {
  readonly searches: number;
  readonly exact: number;
  readonly plans: Readonly<Partial<Record<CountedPlan, number>>>;
  /** Computed from the newest samples of all libraries. */
  readonly recall: MeasuredRecall | null;
  readonly recallSamples: number;
  /** The most searched libraries. */
  readonly libraries: readonly SearchedLibrary[];
}

export interface SearchStatistics extends SearchTotals, RegistryTotals {
  readonly holds: readonly Hold[];
}
