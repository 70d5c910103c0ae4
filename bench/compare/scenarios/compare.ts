import type { BenchContext } from "../bench-context.ts";
import { type FilterField, firstRows, filterFieldNames } from "../dataset.ts";
import type { Engine } from "../engine.ts";
import { inParallel } from "../load.ts";
import { comparedCells, measureSearches, RecallCheck } from "../measure-searches.ts";
import { k, wantedRecall } from "../profile.ts";
import type { EngineResult } from "../result.ts";

/** The exact answers, which are the same for all engines. */
export interface Checks {
  readonly all: RecallCheck;
  readonly filtered: ReadonlyMap<FilterField, RecallCheck>;
}

export function prepareChecks({ dataset, queries, profile }: BenchContext): Checks {
  const compared = firstRows(dataset, profile.chunks);
  const check = (field?: FilterField) => new RecallCheck(compared, queries, profile.recallSearches, field);
  return { all: check(), filtered: new Map(filterFieldNames.map((field) => [field, check(field)])) };
}

/** One engine, from nothing to a row of the table. */
export async function measureEngine(engine: Engine, checks: Checks, context: BenchContext): Promise<EngineResult> {
  const { queries, profile, progress } = context;
  const dataset = firstRows(context.dataset, profile.chunks);
  const settle = () =>
    inParallel(Array.from({ length: profile.settlingSearches }).keys().toArray(), 8, (turn) =>
      engine.search({ query: turn % queries.length }, k),
    );
  try {
    await engine.prepare(dataset.dimension, queries);
    // What a start and searches cost by themselves is no chunk's.
    if ((await engine.restart()) !== undefined) await settle();
    const empty = await engine.memory();
    const beyondEmpty = async () => {
      const bytes = await engine.memory();
      return bytes === undefined || empty === undefined ? null : bytes - empty;
    };

    const onRows = progress.work(`${engine.name}: ingesting ${dataset.count} chunks`, dataset.count);
    const { searchable, indexed } = await engine.ingest(dataset, onRows);
    const afterIngestion = await beyondEmpty();

    progress.say(`${engine.name}: searching`);
    const { effort, recall } = await findEffort(engine, checks.all);
    const filteredRecall = engine.filters ? await filteredRecalls(engine, checks.filtered) : null;
    const searches = await measureSearches(engine, comparedCells(engine.filters), queries.length, profile);

    progress.say(`${engine.name}: starting again`);
    const disk = (await engine.diskBytes()) ?? null;
    const restart = (await engine.restart()) ?? null;
    if (restart !== null && (await engine.search({ query: 0 }, k)).length === 0)
      throw new Error("nothing is found after its restart; its command has to start it on lasting data");
    if (restart !== null) await settle();
    const afterRestart = restart === null ? null : await beyondEmpty();
    const rate = (milliseconds: number) => dataset.count / (milliseconds / 1000);
    return {
      name: engine.name,
      setting: engine.setting,
      durability: engine.durability,
      indexesWhileIngesting: engine.indexesWhileIngesting,
      ingest: {
        searchable,
        indexed: indexed ?? null,
        searchableRate: rate(searchable),
        indexedRate: indexed === undefined ? null : rate(indexed),
      },
      effort,
      recall,
      filteredRecall,
      searches: [...searches],
      memory: { afterIngestion, afterRestart },
      disk,
      restart,
    };
  } finally {
    await engine.stop();
  }
}

/** The cheapest effort whose answers are good enough, or the greatest. */
async function findEffort(engine: Engine, check: RecallCheck): Promise<{ effort: number | null; recall: number }> {
  if (engine.efforts.length === 0) return { effort: null, recall: await check.measure(engine) };
  let best = { effort: 0, recall: 0 };
  for (const effort of engine.efforts) {
    await engine.setEffort(effort);
    best = { effort, recall: await check.measure(engine) };
    if (best.recall >= wantedRecall) break;
  }
  return best;
}

async function filteredRecalls(
  engine: Engine,
  checks: ReadonlyMap<FilterField, RecallCheck>,
): Promise<Record<FilterField, number>> {
  const recalls = { tenth: 0, fiftieth: 0, thousandth: 0 };
  for (const [field, check] of checks) recalls[field] = await check.measure(engine);
  return recalls;
}
