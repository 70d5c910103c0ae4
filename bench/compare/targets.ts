import type { FilterField } from "./dataset.ts";
import { cellOf } from "./find-cell.ts";
import { wantedRecall } from "./profile.ts";
import type { BenchResult, EngineResult, Target } from "./result.ts";
import { megabytes, milliseconds, number, recall as recallText } from "./table.ts";

type Measured = Omit<BenchResult, "targets">;

/** The engine that the targets speak of, and the one that bounds it. */
const ours = "arrwDB";
const limit = "usearch";

interface Figure {
  readonly name: string;
  readonly found: number;
  readonly wanted: number;
  readonly note: string | null;
}

const atLeast = (unit: string, { name, found, wanted, note }: Figure): Target => ({
  name,
  wanted: `>= ${wanted}${unit}`,
  found: `${number(found)}${unit}`,
  met: found >= wanted,
  note,
});
const atMost = (format: (figure: number) => string, { name, found, wanted, note }: Figure): Target => ({
  name,
  wanted: `<= ${format(wanted)}`,
  found: format(found),
  met: found <= wanted,
  note,
});
const times = (figure: number) => `${number(figure)} x`;

const sizeNote = (found: number, wanted: number, of: string) =>
  found === wanted ? null : `at ${number(found)} ${of} instead of ${number(wanted)}`;

/** A rate with too low a recall is no rate; what is wrong is said instead. */
const withRecall = (target: Target, recall: number): Target =>
  recall >= wantedRecall ? target : { ...target, met: false, note: `recall ${recallText(recall)}` };

/** The greatest figure of the other engines, and whose it is. */
function best(
  engines: readonly EngineResult[],
  figure: (engine: EngineResult) => number | undefined,
): { readonly name: string; readonly figure: number } | undefined {
  return engines
    .filter(({ name }) => name !== ours && name !== limit)
    .flatMap((engine) => {
      const value = figure(engine);
      return value === undefined ? [] : [{ name: engine.name, figure: value }];
    })
    .toSorted((a, b) => b.figure - a.figure)[0];
}

const searchRate = (engine: EngineResult, inFlight: number, filter: FilterField | null) =>
  cellOf(engine, inFlight, filter)?.rate;

const ingestRate = ({ ingest }: EngineResult) => ingest.indexedRate ?? ingest.searchableRate;

function searchTargets(
  own: EngineResult,
  bare: EngineResult | undefined,
  { engines, data }: Measured,
): readonly Target[] {
  const note = sizeNote(data.chunks, 50_000, "chunks");
  const targets: Target[] = [];
  const bareRate = bare === undefined ? undefined : searchRate(bare, 32, null);
  for (const inFlight of [8, 32]) {
    const found = searchRate(own, inFlight, null);
    if (found === undefined) continue;
    const loads = `searches, ${inFlight} in flight`;
    if (bareRate !== undefined) {
      const target = atLeast("%", {
        name: `${loads}: of bare usearch`,
        found: (100 * found) / bareRate,
        wanted: 60,
        note,
      });
      targets.push(withRecall(target, own.recall));
    }
    const peer = best(engines, (engine) => searchRate(engine, inFlight, null));
    if (peer !== undefined) {
      const target = atLeast(" x", {
        name: `${loads}: of the best peer (${peer.name})`,
        found: found / peer.figure,
        wanted: 3,
        note,
      });
      targets.push(withRecall(target, own.recall));
    }
    for (const [field, kept] of [
      ["tenth", "10%"],
      ["fiftieth", "2%"],
      ["thousandth", "0.1%"],
    ] as const) {
      const filtered = searchRate(own, inFlight, field);
      const recall = own.filteredRecall?.[field] ?? 0;
      if (filtered === undefined) continue;
      const name = `keeping ${kept}, ${inFlight} in flight`;
      targets.push(
        withRecall(
          atLeast("%", { name: `${name}: of unfiltered`, found: (100 * filtered) / found, wanted: 50, note }),
          recall,
        ),
      );
      const filteredPeer = best(engines, (engine) => searchRate(engine, inFlight, field));
      if (field !== "fiftieth" || filteredPeer === undefined) continue;
      const target = atLeast(" x", {
        name: `${name}: of the best peer (${filteredPeer.name})`,
        found: filtered / filteredPeer.figure,
        wanted: 5,
        note,
      });
      targets.push(withRecall(target, recall));
    }
  }
  return targets;
}

function ingestTargets(
  own: EngineResult,
  bare: EngineResult | undefined,
  { engines, data }: Measured,
): readonly Target[] {
  const unknown = own.ingest.indexedRate === null ? "searchable; when all is indexed is not told" : null;
  const note = unknown ?? sizeNote(data.chunks, 50_000, "chunks");
  const targets: Target[] = [];
  if (bare !== undefined)
    targets.push(
      atLeast("%", {
        name: "ingestion: of bare usearch",
        found: (100 * ingestRate(own)) / ingestRate(bare),
        wanted: 60,
        note,
      }),
    );
  const peer = best(engines, (engine) => (engine.indexesWhileIngesting ? ingestRate(engine) : undefined));
  if (peer !== undefined)
    targets.push(
      atLeast(" x", {
        name: `ingestion: of the best peer (${peer.name})`,
        found: ingestRate(own) / peer.figure,
        wanted: 2.5,
        note,
      }),
    );
  return targets;
}

function memoryTargets({ memory }: EngineResult, { data }: Measured): readonly Target[] {
  if (memory.afterRestart === null) return [];
  const note = sizeNote(data.chunks, 50_000, "chunks");
  const found = memory.afterRestart / data.chunks / 1024;
  return [atMost((figure) => `${number(figure)} KB`, { name: "memory for a chunk", found, wanted: 3.5, note })];
}

function scalingTargets({ scaling }: Measured): readonly Target[] {
  const [first] = scaling;
  const last = scaling.at(-1);
  if (first === undefined || last === undefined || first === last) return [];
  const note = sizeNote(last.chunks, 100_000, "chunks");
  return [
    atMost(times, {
      name: `p50 from ${number(first.chunks)} chunks to the most`,
      found: last.p50 / first.p50,
      wanted: 3,
      note,
    }),
  ];
}

function scenarioTargets({ ingestUnderSearch, manyLibraries, restart }: Measured): readonly Target[] {
  const targets: Target[] = [];
  if (ingestUnderSearch !== null) {
    const { idle, ingesting, inFlight } = ingestUnderSearch;
    const name = `search p99 under ingestion, ${inFlight} in flight`;
    targets.push(atMost(times, { name, found: ingesting.p99 / idle.p99, wanted: 5, note: null }));
  }
  if (manyLibraries !== null) {
    const note = sizeNote(manyLibraries.libraries, 10_000, "libraries");
    targets.push(
      atMost(milliseconds, { name: "many libraries: ready", found: manyLibraries.ready, wanted: 3_000, note }),
      atMost(megabytes, {
        name: "many libraries: memory, all searched",
        found: manyLibraries.memorySearched,
        wanted: 1_073_741_824,
        note,
      }),
      atMost(milliseconds, {
        name: "many libraries: slowest cold search",
        found: manyLibraries.coldSearch.max,
        wanted: 50,
        note,
      }),
    );
  }
  // A search has to be answered, if more slowly, from the moment the server is ready, whatever index is made anew.
  for (const { start, chunks, ready, firstSearch, recall } of restart) {
    const note = sizeNote(chunks, 100_000, "chunks");
    if (start === "after a clean stop")
      targets.push(atMost(milliseconds, { name: `ready ${start}`, found: ready, wanted: 2_000, note }));
    if (start === "without saved indexes") {
      const target = atMost(milliseconds, {
        name: `first search ${start}, from ready on`,
        found: firstSearch - ready,
        wanted: 2_000,
        note,
      });
      targets.push(withRecall(target, recall));
    }
  }
  return targets;
}

/** What the project promises itself, against what a run found. Only what the run measured is there. */
export function evaluateTargets(result: Measured): readonly Target[] {
  const own = result.engines.find(({ name }) => name === ours);
  const bare = result.engines.find(({ name }) => name === limit);
  return [
    ...(own === undefined
      ? []
      : [...searchTargets(own, bare, result), ...ingestTargets(own, bare, result), ...memoryTargets(own, result)]),
    ...scalingTargets(result),
    ...scenarioTargets(result),
  ];
}
