import { percentile, summary } from "../support/figures.ts";
import { type Dataset, type FilterField, filterFieldNames } from "./dataset.ts";
import type { Engine } from "./engine.ts";
import { inParallel, runLoad } from "./load.ts";
import { k, type Profile, seed } from "./profile.ts";
import { exactAnswers, recallOf } from "./recall.ts";
import { planRequests, type SearchRequest } from "./requests.ts";
import type { SearchCell } from "./result.ts";

type Search = Pick<Engine, "search">;

/** Searches of a plan before it begins again, with other filter values for the same queries on the way. */
const planLength = 20_011;

/** The recall@k of an engine over the same searches for all, on their way 8 at a time. */
export class RecallCheck {
  readonly #requests: readonly SearchRequest[];
  readonly #truth: readonly (readonly number[])[];

  constructor(
    dataset: Dataset,
    queries: readonly Float32Array<ArrayBuffer>[],
    searches: number,
    field: FilterField | undefined,
  ) {
    this.#requests = planRequests(searches, queries.length, field, seed + 1);
    this.#truth = exactAnswers(dataset, queries, this.#requests, k);
  }

  async measure(engine: Search): Promise<number> {
    return recallOf(await inParallel(this.#requests, 8, (request) => engine.search(request, k)), this.#truth);
  }
}

interface Cell {
  readonly inFlight: number;
  readonly field: FilterField | undefined;
}

/** The loads of a comparison. */
export const comparedCells = (filters: boolean): readonly Cell[] => [
  ...[1, 8, 32].map((inFlight) => ({ inFlight, field: undefined })),
  ...(filters ? filterFieldNames.flatMap((field) => [8, 32].map((inFlight) => ({ inFlight, field }))) : []),
];

/**
 * Puts each load on an engine in turn, over several rounds, so that what else the machine does falls on all of them.
 * The rate is the middle one of the rounds; latencies are those of all rounds.
 */
export async function measureSearches(
  engine: Search,
  cells: readonly Cell[],
  queries: number,
  { warmUpMilliseconds, loadMilliseconds, rounds }: Profile,
): Promise<readonly SearchCell[]> {
  const runs = cells.map(({ inFlight, field }) => {
    const plan = planRequests(planLength, queries, field, seed + 2);
    const counter = { turn: 0 };
    const send = (turn: number) => engine.search(plan[turn % planLength] ?? { query: 0 }, k);
    const rates: number[] = [];
    const latencies: number[] = [];
    const run = (milliseconds: number) => runLoad(send, { inFlight, milliseconds }, counter);
    return { inFlight, field, rates, latencies, run };
  });
  for (const { run } of runs) await run(warmUpMilliseconds);
  for (let round = 0; round < rounds; round++) {
    for (const { run, rates, latencies } of runs) {
      const figures = await run(loadMilliseconds);
      rates.push(figures.rate);
      for (const latency of figures.latencies) latencies.push(latency);
    }
  }
  return runs.map(({ inFlight, field, rates, latencies }) => ({
    inFlight,
    filter: field ?? null,
    rate: summary(rates).median,
    rounds: rates,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
  }));
}
