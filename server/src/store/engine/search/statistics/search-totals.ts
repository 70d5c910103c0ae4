import type { Hold } from "../../../../scheduling/hold-meter.ts";
import type { SearchingState } from "../../../../telemetry/data-state.ts";

/** All searches since the start, and their recall. */
export type SearchTotals = Pick<
  SearchingState,
  "searches" | "exact" | "plans" | "recall" | "recallSamples" | "libraries"
>;

/** What metrics show of the search thread, and the processor time of its work. */
export interface SearchStatistics extends SearchingState {
  readonly holds: readonly Hold[];
}
