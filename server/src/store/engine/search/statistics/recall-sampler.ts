import type { VectorSearch } from "../../../search-store.ts";
import type { Outcome } from "../../threads/thread-messages.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { wantedRecall } from "../../index/measure/search-effort.ts";
import type { RecallSample, SearchCounts } from "./search-statistics.ts";
import type { Ranking, Rankings } from "../ranking/rankings.ts";
import type { Searcher } from "../ranking/searcher.ts";

/** A search that was answered approximately. */
export interface Sample {
  readonly libraryId: string;
  readonly search: VectorSearch;
}

/** Maximum number of waiting samples; one per library, so that a busy library does not displace the others. */
const maxWaiting = 16;
/** Maximum share of the thread's time for exact answers; exceeded while a library has too few samples. */
const share = 0.01;
const shareAtFirst = 0.05;

/**
 * Measures the recall of approximate answers: keeps some of the real searches and repeats them, approximately and exactly,
 * when idle. So the measure reflects real queries and the current index.
 */
export class RecallSampler {
  readonly #counts: SearchCounts;
  readonly #onPoor: (libraryId: string) => void;
  readonly #waiting = new Map<string, Sample>();
  #notBefore = 0;

  /** @param onPoor called when the recall of a library is found to be too low */
  constructor(counts: SearchCounts, onPoor: (libraryId: string) => void) {
    this.#counts = counts;
    this.#onPoor = onPoor;
  }

  /** Keeps a search that was answered approximately, if there is room. */
  offer(libraryId: string, searches: readonly VectorSearch[], rankings: readonly Ranking[]): void {
    if (this.#waiting.size >= maxWaiting || this.#waiting.has(libraryId)) return;
    const candidates = searches.filter((_search, place) => rankings[place]?.exact === false);
    const search = candidates[Math.floor(Math.random() * candidates.length)];
    if (search !== undefined) this.#waiting.set(libraryId, { libraryId, search });
  }

  get pending(): boolean {
    return this.#waiting.size > 0 && performance.now() >= this.#notBefore;
  }

  /** The next sample to repeat; one at a time. */
  next(): Sample | undefined {
    const [next] = this.#waiting.values();
    if (next === undefined) return undefined;
    this.#waiting.delete(next.libraryId);
    this.#notBefore = Infinity;
    return next;
  }

  /** Repeats a sample both ways, with a searcher of the snapshot it starts with. */
  *compare(searcher: Searcher, { libraryId, search }: Sample): Steps<readonly Outcome<unknown>[]> {
    let spent = 0;
    let part = share;
    // Also runs if the generator is abandoned.
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

  /** Records both answers; returns whether there are enough samples. */
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

/** Recall: the fraction of true hits found; a hit as near as the last true one counts. */
function recallOf(found: Ranking, truth: Ranking): number {
  const last = truth.chosen.at(-1);
  if (last === undefined) return 1;
  const right = found.chosen.filter(({ distance }) => distance <= last.distance).length;
  return Math.min(1, right / truth.chosen.length);
}
