import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";
import type { CountedPlan, MeasuredRecall } from "@arrwdb/protocol/statistics";

/** Indexes of one kind, over all libraries. */
export interface IndexState {
  readonly kind: IndexKind;
  readonly libraries: number;
  readonly chunks: number;
  readonly bytes: number;
}

/** How a library is searched. */
export interface SearchedLibraryState {
  readonly id: string;
  readonly searches: number;
  readonly recall: MeasuredRecall | null;
}

/** Time that one kind of work has used of its thread since the start, in milliseconds. */
export interface HoldState {
  readonly work: string;
  /** How often it had the thread, and how often for longer than 10 ms. */
  readonly turns: number;
  readonly long: number;
  readonly total: number;
  readonly longest: number;
}

/** The state that the writing thread reports. */
export interface WritingState {
  /** Transactions that changed something, and the changes in them. */
  readonly commits: number;
  readonly writes: number;
  /** Writes that wait for searches, or live queries, to catch up. */
  readonly held: number;
  /** Unused bytes within the database file. */
  readonly free: number;
  readonly holds: readonly HoldState[];
}

/** The state that the search thread reports. */
export interface SearchingState {
  /** Vectors, and libraries, that wait for their index. */
  readonly pending: number;
  /** Libraries whose indexes are being rebuilt. */
  readonly rebuilding: number;
  readonly indexes: readonly IndexState[];
  readonly metadataBytes: number;
  readonly searches: number;
  readonly exact: number;
  readonly plans: Readonly<Partial<Record<CountedPlan, number>>>;
  /** Over the newest samples of all libraries. */
  readonly recall: MeasuredRecall | null;
  readonly recallSamples: number;
  /** The most searched libraries. */
  readonly libraries: readonly SearchedLibraryState[];
  readonly holds: readonly HoldState[];
}

/** The state that the live query thread reports. */
export interface LiveState {
  readonly holds: readonly HoldState[];
}

/** Bytes. */
export interface DiskState {
  readonly free: number;
  readonly size: number;
  readonly database: number;
  /** The write-ahead log. */
  readonly log: number;
}

/** The fraction of time in which a thread was working, since the previous scrape. */
export interface ThreadState {
  readonly thread: "writing" | "search" | "live";
  readonly utilization: number;
}

/** The state of the data, collected for a scrape. Sources that did not respond in time are undefined. */
export interface DataState {
  /** Waiting items by queue. */
  readonly queues: Readonly<Record<"writing" | "search", number>>;
  readonly threads: readonly ThreadState[];
  readonly writing: WritingState | undefined;
  readonly searching: SearchingState | undefined;
  readonly live: LiveState | undefined;
  readonly disk: DiskState | undefined;
}
