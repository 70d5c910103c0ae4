/** A vector by its chunk's key, with its distance from a query. */
export interface Candidate {
  readonly key: number;
  readonly distance: number;
  /** Vectors with the same number are equal to the last bit, so that one need not be measured after the other. */
  readonly equal?: number | undefined;
}

/** Nearest first; equally near in the order in which they were added. */
export const byDistance = (a: Candidate, b: Candidate): number => a.distance - b.distance || a.key - b.key;

/** Keeps the nearest `limit` of any number of candidates, in memory for about twice as many. */
export class Nearest {
  readonly #limit: number;
  #kept: Candidate[] = [];
  /** Whatever does not come before this one is none of the nearest. */
  #last: Candidate | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(candidate: Candidate): void {
    if (this.#last !== undefined && byDistance(candidate, this.#last) > 0) return;
    this.#kept.push(candidate);
    if (this.#kept.length >= 2 * this.#limit + 64) this.#cut();
  }

  /** What is farther than this is none of the nearest. */
  get bound(): number {
    return this.#last?.distance ?? Infinity;
  }

  sorted(): readonly Candidate[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept = this.#kept.toSorted(byDistance).slice(0, this.#limit);
    this.#last = this.#kept[this.#limit - 1];
  }
}
