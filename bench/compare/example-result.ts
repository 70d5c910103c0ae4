import type { BenchResult, EngineResult, SearchCell } from "./result.ts";

const cell = (inFlight: number, filter: SearchCell["filter"], rate: number): SearchCell => ({
  inFlight,
  filter,
  rate,
  rounds: [rate],
  p50: 1.5,
  p99: 4,
});

const loads = [1, 8, 32];
const filters = ["tenth", "fiftieth", "thousandth"] as const;

/** An engine whose every load had this rate, and half of it with a filter. */
export const exampleEngine = (name: string, rate: number, changes: Partial<EngineResult> = {}): EngineResult => ({
  name,
  setting: "HNSW <16>",
  durability: "fsync",
  indexesWhileIngesting: true,
  ingest: { searchable: 10_000, indexed: 20_000, searchableRate: rate * 2, indexedRate: rate },
  effort: null,
  recall: 0.995,
  filteredRecall: { tenth: 0.995, fiftieth: 1, thousandth: 1 },
  searches: [
    ...loads.map((inFlight) => cell(inFlight, null, rate)),
    ...filters.flatMap((filter) => loads.slice(1).map((inFlight) => cell(inFlight, filter, rate / 2))),
  ],
  memory: { afterIngestion: 200_000_000, afterRestart: 150_000_000 },
  disk: 300_000_000,
  restart: { ready: 900, firstSearch: 1_100 },
  ...changes,
});

/** A result for the tests of what is made from one. */
export const exampleResult: BenchResult = {
  machine: {
    cores: 2,
    processor: "Example",
    memory: 1_073_741_824,
    platform: "linux x64",
    node: "v24.0.0",
    date: "2026-11-23T00:00:00.000Z",
  },
  realText: null,
  data: { chunks: 50_000, dimension: 1_024, k: 10, seed: 1 },
  engines: [
    exampleEngine("usearch", 4_000, { filteredRecall: null, searches: loads.map((n) => cell(n, null, 4_000)) }),
    exampleEngine("arrwDB", 3_000),
    exampleEngine("Peer & Sons", 500),
  ],
  skipped: [{ name: "qdrant", reason: "no address" }],
  scaling: [
    { chunks: 1_000, recall: 1, rate: 900, p50: 1, p99: 2 },
    { chunks: 100_000, recall: 0.99, rate: 400, p50: 2.5, p99: 6 },
  ],
  ingestUnderSearch: {
    chunks: 50_000,
    inFlight: 8,
    idle: { p50: 3, p99: 6 },
    ingesting: { p50: 6, p99: 60 },
    ingestRate: 2_000,
    searchRate: 900,
  },
  manyLibraries: null,
  restart: [
    { start: "after a clean stop", chunks: 100_000, ready: 1_500, firstSearch: 1_600, recall: 0.99, indexed: null },
  ],
  text: null,
  targets: [],
};
