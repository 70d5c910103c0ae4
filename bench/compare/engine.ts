import type { Dataset } from "./dataset.ts";
import type { SearchRequest } from "./requests.ts";

/** Milliseconds from the first byte sent. */
export interface IngestTimes {
  /** Until all chunks are stored as durably as the engine can, and a search finds the last one. */
  readonly searchable: number;
  /** Until nothing is left to be indexed; absent where the engine does not tell. */
  readonly indexed: number | undefined;
}

export interface RestartTimes {
  /** Milliseconds from the start of the process until it says that it is ready. */
  readonly ready: number;
  /** Until the first search was answered. */
  readonly firstSearch: number;
}

/** A database as the comparison sees it. An adapter speaks to it as its users do. */
export interface Engine {
  readonly name: string;
  /** How it was reached, and with which settings: for the reader of the table. */
  readonly setting: string;
  /** What an answered write survives. */
  readonly durability: string;
  /** Whether new chunks go into the index while they are ingested, rather than all at the end. */
  readonly indexesWhileIngesting: boolean;
  readonly filters: boolean;
  /** Search efforts to try, cheapest first, until the recall is right; none where the engine chooses for itself. */
  readonly efforts: readonly number[];
  /** Begins with nothing stored. Queries are turned into what the client sends, so that no load pays for it. */
  readonly prepare: (dimension: number, queries: readonly Float32Array<ArrayBuffer>[]) => Promise<void>;
  readonly ingest: (dataset: Dataset, onRows: (rows: number) => void) => Promise<IngestTimes>;
  readonly setEffort: (effort: number) => Promise<void>;
  /** The rows of the `k` nearest chunks. Each hit is answered with its distance, text and fields, and parsed. */
  readonly search: (request: SearchRequest, k: number) => Promise<readonly number[]>;
  /** Bytes of memory that the engine takes at the moment; undefined where it cannot be known. */
  readonly memory: () => Promise<number | undefined>;
  readonly diskBytes: () => Promise<number | undefined>;
  /** Stops it cleanly and starts it again on the same data; undefined where it is not ours to stop. */
  readonly restart: () => Promise<RestartTimes | undefined>;
  /** Removes what was stored. */
  readonly stop: () => Promise<void>;
}
