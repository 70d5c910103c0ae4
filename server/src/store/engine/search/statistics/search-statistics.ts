import type { CountedPlan, LibraryStatistics, MeasuredRecall } from "@arrwdb/protocol/statistics";
import type { SearchedLibraryState } from "../../../../telemetry/data-state.ts";
import type { SearchTotals } from "./search-totals.ts";
import type { Ranking } from "../ranking/rankings.ts";

/** Samples per library from which recall is computed; older ones are dropped. */
const newestSamples = 100;
/** The same for all libraries together. */
const newestOfAll = 1_000;
/** A sample remains valid while the library's size differs from that of the sample by at most this factor. */
const sameSize = 1.25;
/** Minimum number of samples for a reliable figure. */
const enoughSamples = 20;
/** Maximum number of libraries listed individually. */
const mostSearched = 20;
/** Maximum number of libraries with figures; the least recently searched are evicted. */
const maxLibraries = 10_000;

/** A search that was repeated exactly, and the state of the library at that time. */
export interface RecallSample {
  readonly recall: number;
  readonly chunks: number;
  /** Effort of the approximate search; null if everything was compared. */
  readonly effort: number | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The current state of a library. */
export type LibraryState = Pick<RecallSample, "chunks" | "effort">;

interface PlanCounts {
  total: number;
  exact: number;
  readonly plans: Partial<Record<CountedPlan, number>>;
  /** Oldest first. */
  readonly samples: RecallSample[];
}

/** Counts searches per library and records their recall. */
export class SearchCounts {
  readonly #libraries = new Map<string, PlanCounts>();
  readonly #all: PlanCounts = { total: 0, exact: 0, plans: {}, samples: [] };
  #samples = 0;

  count(libraryId: string, rankings: readonly Ranking[]): void {
    for (const counts of [this.#of(libraryId), this.#all]) {
      for (const { exact, plan } of rankings) {
        counts.total++;
        if (exact) counts.exact++;
        counts.plans[plan] = (counts.plans[plan] ?? 0) + 1;
      }
    }
  }

  /** Counts a search by words, or by words and a vector. */
  countText(libraryId: string, mode: "text" | "hybrid", exact: boolean): void {
    for (const counts of [this.#of(libraryId), this.#all]) {
      counts.total++;
      if (exact) counts.exact++;
      counts.plans[mode] = (counts.plans[mode] ?? 0) + 1;
    }
  }

  /** Records a search that was repeated exactly. */
  sampled(libraryId: string, sample: RecallSample): void {
    this.#samples++;
    keep(this.#of(libraryId).samples, sample, newestSamples);
    keep(this.#all.samples, sample, newestOfAll);
  }

  /** Mean recall at the library's current size and effort; undefined while there are too few samples. */
  recallNow(libraryId: string, { chunks, effort }: LibraryState): number | undefined {
    const samples = (this.#libraries.get(libraryId)?.samples ?? []).filter(
      (sample) => isOfSize(sample, chunks) && sample.effort === effort,
    );
    return samples.length < enoughSamples ? undefined : meanOf(samples);
  }

  forget(libraryId: string): void {
    this.#libraries.delete(libraryId);
  }

  searches(libraryId: string): LibraryStatistics["searches"] {
    const { total, exact, plans } = this.#libraries.get(libraryId) ?? { total: 0, exact: 0, plans: {} };
    return { total, exact, plans: { ...plans } };
  }

  /** Samples of about this size; if there are none, all samples, which include their size. */
  recall(libraryId: string, chunks: number): MeasuredRecall | null {
    const all = this.#libraries.get(libraryId)?.samples ?? [];
    const ofToday = all.filter((sample) => isOfSize(sample, chunks));
    return measured(ofToday.length > 0 ? ofToday : all);
  }

  totals(): SearchTotals {
    const { total, exact, plans, samples } = this.#all;
    return {
      searches: total,
      exact,
      plans: { ...plans },
      recall: measured(samples),
      recallSamples: this.#samples,
      libraries: this.#mostSearched(),
    };
  }

  #mostSearched(): readonly SearchedLibraryState[] {
    return [...this.#libraries]
      .toSorted(([, a], [, b]) => b.total - a.total)
      .slice(0, mostSearched)
      .map(([id, { total, samples }]) => ({ id, searches: total, recall: measured(samples) }));
  }

  #of(libraryId: string): PlanCounts {
    const known = this.#libraries.get(libraryId) ?? { total: 0, exact: 0, plans: {}, samples: [] };
    this.#libraries.delete(libraryId);
    this.#libraries.set(libraryId, known);
    const [oldest] = this.#libraries.keys();
    if (this.#libraries.size > maxLibraries && oldest !== undefined) this.#libraries.delete(oldest);
    return known;
  }
}

function keep(samples: RecallSample[], sample: RecallSample, most: number): void {
  samples.push(sample);
  if (samples.length > most) samples.shift();
}

const isOfSize = (sample: RecallSample, chunks: number): boolean =>
  sample.chunks <= chunks * sameSize && chunks <= sample.chunks * sameSize;

const meanOf = (samples: readonly RecallSample[]): number =>
  samples.reduce((sum, { recall }) => sum + recall, 0) / samples.length;

function measured(samples: readonly RecallSample[]): MeasuredRecall | null {
  const oldest = samples[0];
  const newest = samples.at(-1);
  if (oldest === undefined || newest === undefined) return null;
  return {
    mean: meanOf(samples),
    minimum: Math.min(...samples.map(({ recall }) => recall)),
    samples: samples.length,
    chunks: newest.chunks,
    oldest: new Date(oldest.at).toISOString(),
    newest: new Date(newest.at).toISOString(),
  };
}
