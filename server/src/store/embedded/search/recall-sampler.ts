import type { VectorSearch } from "../../store.ts";
import type { SearchCounts } from "./search-statistics.ts";
import type { Ranking, Searcher } from "./searcher.ts";

interface Sample {
  readonly libraryId: string;
  readonly search: VectorSearch;
}

/** Samples that wait; one a library, so that a busy one does not crowd out the others. */
const maxWaiting = 16;
/** An exact answer may take this part of the thread's time at most. */
const share = 0.01;

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
    this.#waiting.delete(next.libraryId);
    const started = performance.now();
    try {
      const [found] = this.#searcher.rank(next.libraryId, [next.search]).answers;
      const [truth] = this.#searcher.rankExactly(next.libraryId, [next.search]).answers;
      if (found !== undefined && truth !== undefined) this.#learn(next.libraryId, recallOf(found, truth));
    } catch {
      // The library is gone, or the search is not possible any more: nothing to learn.
    }
    const now = performance.now();
    this.#notBefore = now + (now - started) / share;
  }

  #learn(libraryId: string, recall: number): void {
    this.#counts.sampled(libraryId, recall);
    const measured = this.#counts.recall(libraryId);
    if (measured !== null && measured.samples >= enoughSamples && measured.mean < wantedRecall) this.#onPoor(libraryId);
  }
}

/** Samples that tell enough, and the part of the true hits that answers should have. */
const enoughSamples = 20;
const wantedRecall = 0.99;

/** The part of the true hits that were found; one that is as near as the last true hit counts as true. */
function recallOf(found: Ranking, truth: Ranking): number {
  const last = truth.chosen.at(-1);
  if (last === undefined) return 1;
  const right = found.chosen.filter(({ distance }) => distance <= last.distance).length;
  return Math.min(1, right / truth.chosen.length);
}
