import type { VectorSearch } from "../../store.ts";
import { wantedRecall } from "./measure/effort.ts";
import type { RecallSample, SearchCounts } from "./search-statistics.ts";
import type { Ranking, Searcher } from "./searcher.ts";

interface Sample {
  readonly libraryId: string;
  readonly search: VectorSearch;
}

/** Samples that wait; one a library, so that a busy one does not crowd out the others. */
const maxWaiting = 16;
/** Exact answers may take this part of the thread's time at most; more while too little is known of a library. */
const share = 0.01;
const shareAtFirst = 0.05;

/**
 * Finds out how good approximate answers are: keeps some of the real searches, and answers them again when there is time,
 * both ways. So it tells of the queries that people ask, and of the index as it is.
 */
export class RecallSampler {
  readonly #searcher: Searcher;
  readonly #counts: SearchCounts;
  readonly #onPoor: (libraryId: string) => void;
  readonly #waiting = new Map<string, Sample>();
  #notBefore = 0;

  /** @param onPoor called when answers of a library are found to lack too much */
  constructor(searcher: Searcher, counts: SearchCounts, onPoor: (libraryId: string) => void) {
    this.#searcher = searcher;
    this.#counts = counts;
    this.#onPoor = onPoor;
  }

  /** Keeps one of the searches that were answered approximately, where there is room. */
  offer(libraryId: string, searches: readonly VectorSearch[], rankings: readonly Ranking[]): void {
    if (this.#waiting.size >= maxWaiting || this.#waiting.has(libraryId)) return;
    const candidates = searches.filter((_search, place) => rankings[place]?.exact === false);
    const search = candidates[Math.floor(Math.random() * candidates.length)];
    if (search !== undefined) this.#waiting.set(libraryId, { libraryId, search });
  }

  get pending(): boolean {
    return this.#waiting.size > 0 && performance.now() >= this.#notBefore;
  }

  /** Answers one again, both ways. */
  work(): void {
    const [next] = this.#waiting.values();
    if (next === undefined) return;
    const { libraryId } = next;
    this.#waiting.delete(libraryId);
    const started = performance.now();
    let part = share;
    try {
      const { answers, size: chunks, effort } = this.#searcher.rank(libraryId, [next.search]);
      const [found] = answers;
      const [truth] = this.#searcher.rankExactly(libraryId, [next.search]).answers;
      if (found !== undefined && truth !== undefined) {
        this.#learn(libraryId, { recall: recallOf(found, truth), chunks, effort, at: Date.now() });
        part = this.#counts.recallNow(libraryId, { chunks, effort }) === undefined ? shareAtFirst : share;
      }
    } catch {
      // The library is gone, or the search is not possible any more: nothing to learn.
    }
    const now = performance.now();
    this.#notBefore = now + (now - started) / part;
  }

  #learn(libraryId: string, sample: RecallSample): void {
    this.#counts.sampled(libraryId, sample);
    const recall = this.#counts.recallNow(libraryId, sample);
    if (recall !== undefined && recall < wantedRecall) this.#onPoor(libraryId);
  }
}

/** The part of the true hits that were found; one that is as near as the last true hit counts as true. */
function recallOf(found: Ranking, truth: Ranking): number {
  const last = truth.chosen.at(-1);
  if (last === undefined) return 1;
  const right = found.chosen.filter(({ distance }) => distance <= last.distance).length;
  return Math.min(1, right / truth.chosen.length);
}
