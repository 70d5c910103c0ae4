import type { CountedPlan, LibraryStatistics, MeasuredRecall } from "@arrwdb/protocol/statistics";
import type { Ranking } from "./searcher.ts";

/** Samples that recall is told of; older ones are forgotten. */
const newestSamples = 100;
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

  count(libraryId: string, rankings: readonly Ranking[]): void {
    const counts = this.#of(libraryId);
    for (const { exact, approach } of rankings) {
      counts.total++;
      if (exact) counts.exact++;
      counts.plans[approach] = (counts.plans[approach] ?? 0) + 1;
    }
  }

  /** A search by words, or by words and a vector. */
  countText(libraryId: string, mode: "text" | "hybrid", exact: boolean): void {
    const counts = this.#of(libraryId);
    counts.total++;
    if (exact) counts.exact++;
    counts.plans[mode] = (counts.plans[mode] ?? 0) + 1;
  }

  /** A search was answered again exactly. */
  sampled(libraryId: string, recall: number): void {
    const { recalls } = this.#of(libraryId);
    recalls.push(recall);
    if (recalls.length > newestSamples) recalls.shift();
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
    const recalls = this.#libraries.get(libraryId)?.recalls ?? [];
    if (recalls.length === 0) return null;
    const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
    return { mean, minimum: Math.min(...recalls), samples: recalls.length };
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
