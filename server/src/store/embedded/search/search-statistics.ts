import type { CountedPlan, LibraryStatistics, MeasuredRecall } from "@arrwdb/protocol/statistics";
import type { SearchedLibrary, SearchTotals } from "../messages.ts";
import type { Ranking } from "./searcher.ts";

/** Samples that recall is told of; older ones are forgotten. */
const newestSamples = 100;
/** The same for all libraries together. */
const newestOfAll = 1_000;
/** Libraries that are told of by name. */
const mostSearched = 20;
/** Libraries whose figures are kept; those that were not searched for longest are forgotten. */
const maxLibraries = 10_000;

interface Counts {
  total: number;
  exact: number;
  readonly plans: Partial<Record<CountedPlan, number>>;
  readonly recalls: number[];
}

/** Counts how libraries are searched, and how well. */
export class SearchCounts {
  readonly #libraries = new Map<string, Counts>();
  readonly #all: Counts = { total: 0, exact: 0, plans: {}, recalls: [] };
  #samples = 0;

  count(libraryId: string, rankings: readonly Ranking[]): void {
    for (const counts of [this.#of(libraryId), this.#all]) {
      for (const { exact, approach } of rankings) {
        counts.total++;
        if (exact) counts.exact++;
        counts.plans[approach] = (counts.plans[approach] ?? 0) + 1;
      }
    }
  }

  /** A search by words, or by words and a vector. */
  countText(libraryId: string, mode: "text" | "hybrid", exact: boolean): void {
    for (const counts of [this.#of(libraryId), this.#all]) {
      counts.total++;
      if (exact) counts.exact++;
      counts.plans[mode] = (counts.plans[mode] ?? 0) + 1;
    }
  }

  /** A search was answered again exactly. */
  sampled(libraryId: string, recall: number): void {
    this.#samples++;
    keep(this.#of(libraryId).recalls, recall, newestSamples);
    keep(this.#all.recalls, recall, newestOfAll);
  }

  /** Searches are answered otherwise from now on. */
  forgetRecall(libraryId: string): void {
    this.#libraries.get(libraryId)?.recalls.splice(0);
  }

  forget(libraryId: string): void {
    this.#libraries.delete(libraryId);
  }

  searches(libraryId: string): LibraryStatistics["searches"] {
    const { total, exact, plans } = this.#libraries.get(libraryId) ?? { total: 0, exact: 0, plans: {} };
    return { total, exact, plans: { ...plans } };
  }

  recall(libraryId: string): MeasuredRecall | null {
    return measured(this.#libraries.get(libraryId)?.recalls ?? []);
  }

  totals(): SearchTotals {
    const { total, exact, plans, recalls } = this.#all;
    return {
      searches: total,
      exact,
      plans: { ...plans },
      recall: measured(recalls),
      recallSamples: this.#samples,
      libraries: this.#mostSearched(),
    };
  }

  #mostSearched(): readonly SearchedLibrary[] {
    return [...this.#libraries]
      .toSorted(([, a], [, b]) => b.total - a.total)
      .slice(0, mostSearched)
      .map(([id, { total, recalls }]) => ({ id, searches: total, recall: measured(recalls) }));
  }

  #of(libraryId: string): Counts {
    const known = this.#libraries.get(libraryId) ?? { total: 0, exact: 0, plans: {}, recalls: [] };
    this.#libraries.delete(libraryId);
    this.#libraries.set(libraryId, known);
    const [oldest] = this.#libraries.keys();
    if (this.#libraries.size > maxLibraries && oldest !== undefined) this.#libraries.delete(oldest);
    return known;
  }
}

function keep(recalls: number[], recall: number, most: number): void {
  recalls.push(recall);
  if (recalls.length > most) recalls.shift();
}

function measured(recalls: readonly number[]): MeasuredRecall | null {
  if (recalls.length === 0) return null;
  const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  return { mean, minimum: Math.min(...recalls), samples: recalls.length };
}
