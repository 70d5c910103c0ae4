import { z } from "zod";

/** What a run found, as `--json` prints it. Times are in milliseconds, sizes in bytes, rates a second. */

const times = z.object({ p50: z.number(), p99: z.number() });

const searchCell = z.object({
  inFlight: z.int(),
  /** The field that is filtered by, a value of which keeps one chunk in 10, 50 or 1,000; null for all chunks. */
  filter: z.enum(["tenth", "fiftieth", "thousandth"]).nullable(),
  /** The middle one of the rounds. */
  rate: z.number(),
  rounds: z.array(z.number()),
  ...times.shape,
});
export type SearchCell = z.output<typeof searchCell>;

const engineResult = z.object({
  name: z.string(),
  setting: z.string(),
  durability: z.string(),
  indexesWhileIngesting: z.boolean(),
  ingest: z.object({
    searchable: z.number(),
    indexed: z.number().nullable(),
    /** Chunks a second until searchable, and until all are in the index. */
    searchableRate: z.number(),
    indexedRate: z.number().nullable(),
  }),
  /** The search effort (ef) that gave the recall; null where the engine chooses. */
  effort: z.number().nullable(),
  recall: z.number(),
  filteredRecall: z.object({ tenth: z.number(), fiftieth: z.number(), thousandth: z.number() }).nullable(),
  searches: z.array(searchCell),
  /** Beyond what the engine takes with nothing stored; null where it cannot be known. */
  memory: z.object({ afterIngestion: z.number().nullable(), afterRestart: z.number().nullable() }),
  disk: z.number().nullable(),
  restart: z.object({ ready: z.number(), firstSearch: z.number() }).nullable(),
});
export type EngineResult = z.output<typeof engineResult>;

const scalingRow = z.object({ chunks: z.int(), recall: z.number(), rate: z.number(), ...times.shape });
export type ScalingRow = z.output<typeof scalingRow>;

const ingestUnderSearch = z.object({
  chunks: z.int(),
  inFlight: z.int(),
  idle: times,
  ingesting: times,
  ingestRate: z.number(),
  searchRate: z.number(),
});
export type IngestUnderSearch = z.output<typeof ingestUnderSearch>;

const manyLibraries = z.object({
  libraries: z.int(),
  ready: z.number(),
  memoryReady: z.number(),
  /** After a search in each library. */
  memorySearched: z.number(),
  coldSearch: times.extend({ max: z.number() }),
});
export type ManyLibraries = z.output<typeof manyLibraries>;

const restartRow = z.object({
  start: z.enum(["after a clean stop", "after a crash", "without saved indexes"]),
  chunks: z.int(),
  ready: z.number(),
  firstSearch: z.number(),
  /** Of the searches right after the first. */
  recall: z.number(),
  /** Until the index was whole again; null where the server does not tell. */
  indexed: z.number().nullable(),
});
export type RestartRow = z.output<typeof restartRow>;

const textResult = z.object({
  texts: z.int(),
  ingestRate: z.number(),
  searches: z.array(z.object({ inFlight: z.int(), rate: z.number(), ...times.shape })),
});
export type TextResult = z.output<typeof textResult>;

const target = z.object({
  name: z.string(),
  wanted: z.string(),
  found: z.string(),
  met: z.boolean(),
  /** Where the run was not of the size that the target speaks of. */
  note: z.string().nullable(),
});
export type Target = z.output<typeof target>;

export const benchResult = z.object({
  machine: z.object({
    cores: z.int(),
    processor: z.string(),
    memory: z.number(),
    platform: z.string(),
    node: z.string(),
    date: z.string(),
  }),
  /** The comparison on real texts; null if they were not there, or not asked for. */
  realText: z
    .object({
      chunks: z.int(),
      dimension: z.int(),
      engines: z.array(engineResult),
      skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
    })
    .nullable(),
  data: z.object({ chunks: z.int(), dimension: z.int(), k: z.int(), seed: z.int() }),
  engines: z.array(engineResult),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  scaling: z.array(scalingRow),
  ingestUnderSearch: ingestUnderSearch.nullable(),
  manyLibraries: manyLibraries.nullable(),
  restart: z.array(restartRow),
  text: textResult.nullable(),
  targets: z.array(target),
});
export type BenchResult = z.output<typeof benchResult>;
