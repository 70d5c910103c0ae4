import type { SearchExplanation } from "@arrwdb/protocol/explanation";
import type { StoreHits, StoreSearch } from "../../store.ts";
import type { RecallSampler } from "./recall-sampler.ts";
import type { SearchCounts } from "./search-statistics.ts";
import type { Ranking, Rankings, Searcher } from "./searcher.ts";

/** A search with the time at which the thread took it. */
export interface WaitingSearch {
  readonly search: StoreSearch;
  readonly since: number;
}

/** Turns what searches found into answers: what the hits hold, and how they were found. */
export class Answers {
  readonly #searcher: Searcher;
  readonly #counts: SearchCounts;
  readonly #sampler: RecallSampler;

  constructor(searcher: Searcher, counts: SearchCounts, sampler: RecallSampler) {
    this.#searcher = searcher;
    this.#counts = counts;
    this.#sampler = sampler;
  }

  /** Answers searches of one library together. */
  search(libraryId: string, waiting: readonly WaitingSearch[]): readonly StoreHits[] {
    const started = performance.now();
    const searches = waiting.map(({ search }) => search);
    const rankings = this.#searcher.rank(libraryId, searches);
    const found = performance.now();
    this.#counts.count(libraryId, rankings.answers);
    this.#sampler.offer(libraryId, searches, rankings.answers);
    return rankings.answers.map((ranking, place) => {
      const reading = performance.now();
      const hits = this.#searcher.read(ranking.chosen);
      const asked = waiting[place];
      const answer = { hits, exact: ranking.exact, seq: rankings.seq };
      if (asked?.search.explain !== true) return answer;
      const times = { waited: started - asked.since, search: found - started, read: performance.now() - reading };
      return { ...answer, explanation: explain(ranking, rankings, times) };
    });
  }
}

interface Times {
  readonly waited: number;
  readonly search: number;
  readonly read: number;
}

function explain(ranking: Ranking, { index, size, answers }: Rankings, times: Times): SearchExplanation {
  const { approach, measured, selection } = ranking;
  return {
    plan: approach,
    index: approach === "disk" ? null : index,
    matching: selection?.count ?? null,
    selectivity: selection === undefined ? null : Math.min(1, selection.count / Math.max(1, size)),
    candidates: measured,
    batch: answers.length,
    waited_ms: rounded(times.waited),
    search_ms: rounded(times.search),
    read_ms: rounded(times.read),
  };
}

const rounded = (milliseconds: number) => Math.max(0, Math.round(milliseconds * 1000) / 1000);
