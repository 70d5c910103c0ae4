import type { Weight } from "./live-messages.ts";

/** Maximum backlog of the live thread before writers wait for it: about half a second of work, and this much memory. */
const most: Weight = { comparisons: 2_000_000, bytes: 16 * 1024 * 1024 };

const none: Weight = { comparisons: 0, bytes: 0 };

/** Sum of the weights. */
export const weightOf = (weights: readonly Weight[]): Weight => weights.reduce(sum, none);

/** Changes sent to the live thread that it has not processed yet, by library. */
export class LiveLag {
  readonly #behind = new Map<string, Weight>();
  #all = none;

  add(libraryId: string, weight: Weight): void {
    this.#set(libraryId, sum(this.#of(libraryId), weight));
    this.#all = sum(this.#all, weight);
  }

  done(libraryId: string, { comparisons, bytes }: Weight): void {
    this.add(libraryId, { comparisons: -comparisons, bytes: -bytes });
  }

  clear(): void {
    this.#behind.clear();
    this.#all = none;
  }

  /** If the backlog is too large, the libraries with at least a fair share of it; only their writers should wait. */
  held(): readonly string[] {
    return [...new Set([...this.#largest("comparisons"), ...this.#largest("bytes")])];
  }

  #largest(measure: keyof Weight): readonly string[] {
    if (this.#all[measure] < most[measure]) return [];
    const part = this.#all[measure] / this.#behind.size;
    return [...this.#behind].filter(([, weight]) => weight[measure] >= part).map(([libraryId]) => libraryId);
  }

  #of(libraryId: string): Weight {
    return this.#behind.get(libraryId) ?? none;
  }

  #set(libraryId: string, weight: Weight): void {
    if (weight.comparisons === 0 && weight.bytes === 0) this.#behind.delete(libraryId);
    else this.#behind.set(libraryId, weight);
  }
}

function sum(one: Weight, other: Weight): Weight {
  return { comparisons: one.comparisons + other.comparisons, bytes: one.bytes + other.bytes };
}
