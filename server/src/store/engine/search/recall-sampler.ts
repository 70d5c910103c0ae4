import type { VectorSearch } from "../../search-store.ts";
import type { Outcome } from "../threads/thread-messages.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import { wantedRecall } from "../index/measure/search-effort.ts";
import type { RecallSample, SearchCounts } from "./search-statistics.ts";
import type { Ranking, Rankings } from "./rankings.ts";
import type { Searcher } from "./searcher.ts";

/** A search that was answered. */
export interface Sample {
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
  readonly #counts: SearchCounts;
  readonly #onPoor: (libraryId: string) => void;
  readonly #waiting = new Map<string, Sample>();
  #notBefore = 0;

  /** @param onPoor called when answers of a library are found to lack too much */
  constructor(counts: SearchCounts, onPoor: (libraryId: string) => void) {
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

  /** One to answer again; the next is given when that has ended. */
  next(): Sample | undefined {
    const [next] = this.#waiting.values();
    if (next === undefined) return undefined;
    this.#waiting.delete(next.libraryId);
    this.#notBefore = Infinity;
    return next;
  }

  /** Answers one again, both ways, with a searcher of the state that it begins with. */
  *compare(searcher: Searcher, { libraryId, search }: Sample): Steps<readonly Outcome<unknown>[]> {
    let spent = 0;
    let part = share;
    // Ended too where this is given up.
    using steps = searcher.rankInSteps(libraryId, [search, { ...search, exact: true }]);
    try {
      for (;;) {
        const started = performance.now();
        const { done, value } = steps.next();
        spent += performance.now() - started;
        if (done === true) {
          part = this.#compared(libraryId, value) ? share : shareAtFirst;
          return [{ value: undefined }];
        }
        yield;
      }
    } finally {
      this.#notBefore = performance.now() + spent / part;
    }
  }

  /** Learns from both answers; tells whether enough is known. */
  #compared(libraryId: string, { answers: [found, truth], size: chunks, effort }: Rankings): boolean {
    if (found === undefined || truth === undefined) return true;
    this.#learn(libraryId, { recall: recallOf(found, truth), chunks, effort, at: Date.now() });
    return this.#counts.recallNow(libraryId, { chunks, effort }) !== undefined;
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
