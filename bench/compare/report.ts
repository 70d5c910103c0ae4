import { type FilterField, filterFieldNames } from "./dataset.ts";
import { cellOf } from "./find-cell.ts";
import { k } from "./profile.ts";
import type { BenchResult, SearchCell } from "./result.ts";
import { alignTable, megabytes, milliseconds, number, recall } from "./table.ts";

const keeps = { tenth: "10%", fiftieth: "2%", thousandth: "0.1%" } as const satisfies Record<FilterField, string>;

const latencies = (cell: SearchCell | undefined) =>
  cell === undefined ? "–" : `${number(cell.p50)} / ${number(cell.p99)}`;

/** A comparison on one set of data. */
interface Compared {
  readonly engines: BenchResult["engines"];
  readonly data: { readonly chunks: number; readonly dimension: number };
}

function engineSections(title: string, { engines, data }: Compared): string[] {
  if (engines.length === 0) return [];
  const loads = [1, 8, 32];
  const about = engines.map(({ name, setting, durability, effort }) => [
    name,
    `${setting}${effort === null ? "" : `, ef ${effort}`}; durable: ${durability}`,
  ]);
  const searches = engines.map((engine) => [
    engine.name,
    recall(engine.recall),
    ...loads.map((inFlight) => number(cellOf(engine, inFlight, null)?.rate)),
    ...loads.map((inFlight) => latencies(cellOf(engine, inFlight, null))),
  ]);
  const filtered = engines
    .filter(({ filteredRecall }) => filteredRecall !== null)
    .map((engine) => [
      engine.name,
      ...filterFieldNames.flatMap((field) => [
        number(cellOf(engine, 8, field)?.rate),
        number(cellOf(engine, 32, field)?.rate),
        recall(engine.filteredRecall?.[field]),
      ]),
    ]);
  const storage = engines.map(({ name, ingest, memory, disk, restart }) => [
    name,
    number(ingest.searchableRate),
    number(ingest.indexedRate),
    megabytes(memory.afterIngestion),
    megabytes(memory.afterRestart),
    number((memory.afterRestart ?? memory.afterIngestion ?? Number.NaN) / data.chunks / 1024),
    megabytes(disk),
    milliseconds(restart?.ready),
    milliseconds(restart?.firstSearch),
  ]);
  return [
    `${title}: ${number(data.chunks)} chunks of ${data.dimension} dimensions, k = ${k}\n${about.map(([name, text]) => `  ${name}: ${text}`).join("\n")}`,
    `Searches per second, and milliseconds (p50 / p99), by searches in flight\n${alignTable(
      ["", "recall", "1", "8", "32", "ms at 1", "at 8", "at 32"],
      searches,
    )}`,
    `Filtered searches per second with 8 and 32 in flight, and their recall, by what the filter keeps\n${alignTable(
      ["", ...filterFieldNames.flatMap((field) => [`${keeps[field]}, 8`, "32", "recall"])],
      filtered,
    )}`,
    `Ingestion in chunks per second, and what they take (memory beyond an empty engine's)\n${alignTable(
      ["", "searchable", "indexed", "memory", "restarted", "KB a chunk", "disk", "ready", "first search"],
      storage,
    )}`,
  ];
}

function scenarioSections({ scaling, ingestUnderSearch, manyLibraries, restart, text }: BenchResult): string[] {
  const sections: string[] = [];
  if (scaling.length > 0) {
    sections.push(
      `arrwDB, one search at a time, by chunks\n${alignTable(
        ["chunks", "recall", "searches/s", "p50 ms", "p99 ms"],
        scaling.map((row) => [number(row.chunks), recall(row.recall), ...[row.rate, row.p50, row.p99].map(number)]),
      )}`,
    );
  }
  if (ingestUnderSearch !== null) {
    const { idle, ingesting, inFlight, ingestRate, searchRate } = ingestUnderSearch;
    sections.push(
      `arrwDB, ${inFlight} searches in flight while ${number(ingestRate)} chunks/s come in (${number(searchRate)} searches/s)\n${alignTable(
        ["", "p50 ms", "p99 ms"],
        [
          ["alone", number(idle.p50), number(idle.p99)],
          ["ingesting", number(ingesting.p50), number(ingesting.p99)],
        ],
      )}`,
    );
  }
  if (manyLibraries !== null) {
    const { libraries, ready, memoryReady, memorySearched, coldSearch } = manyLibraries;
    sections.push(
      `arrwDB with ${number(libraries)} libraries of 10 chunks\n${alignTable(
        ["ready", "memory", "all searched", "cold p50", "p99", "max"],
        [
          [
            milliseconds(ready),
            megabytes(memoryReady),
            megabytes(memorySearched),
            ...[coldSearch.p50, coldSearch.p99, coldSearch.max].map(milliseconds),
          ],
        ],
      )}`,
    );
  }
  if (restart.length > 0) {
    sections.push(
      `arrwDB started again with ${number(restart[0]?.chunks)} chunks\n${alignTable(
        ["", "ready", "first search", "recall then", "indexed"],
        restart.map((row) => [
          row.start,
          milliseconds(row.ready),
          milliseconds(row.firstSearch),
          recall(row.recall),
          milliseconds(row.indexed),
        ]),
      )}`,
    );
  }
  if (text !== null) {
    sections.push(
      `arrwDB, ${number(text.texts)} paragraphs with the built-in model: ${number(text.ingestRate)} texts/s\n${alignTable(
        ["in flight", "searches/s", "p50 ms", "p99 ms"],
        text.searches.map((row) => [`${row.inFlight}`, ...[row.rate, row.p50, row.p99].map(number)]),
      )}`,
    );
  }
  return sections;
}

function targetSection({ targets }: BenchResult): string[] {
  if (targets.length === 0) return [];
  const rows = targets.map(({ name, wanted, found, met, note }) => [
    name,
    wanted,
    found,
    `${met ? "met" : "NOT met"}${note === null ? "" : ` (${note})`}`,
  ]);
  return [`Targets\n${alignTable(["", "wanted", "found", ""], rows)}`];
}

/** The whole result as text. */
export function reportOf(result: BenchResult): string {
  const { cores, processor, memory, platform, node } = result.machine;
  const { realText } = result;
  return [
    `${processor}, ${cores} cores, ${megabytes(memory)}, ${platform}, Node ${node}`,
    ...(realText === null ? [] : engineSections("Real texts", { engines: realText.engines, data: realText })),
    ...engineSections("Generated vectors", result),
    ...scenarioSections(result),
    ...targetSection(result),
    ...[...(realText?.skipped ?? []), ...result.skipped].map(({ name, reason }) => `${name} was left out: ${reason}`),
  ].join("\n\n");
}
