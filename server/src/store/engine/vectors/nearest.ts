/** The key of a vector's chunk, with its distance from a query. */
export interface Candidate {
  readonly key: number;
  readonly distance: number;
  /** Vectors with the same number are identical, so that only one of them has to be measured. */
  readonly equal?: number | undefined;
}

/** Nearest first; ties in insertion order. */
export const byDistance = (a: Candidate, b: Candidate): number => a.distance - b.distance || a.key - b.key;

/** Candidates that are added before they are sorted into many others, in about a millisecond. */
const sortedAtOnce = 4_096;

/** Keeps the nearest `limit` of any number of candidates, in memory for about twice as many. */
export class Nearest {
  readonly #limit: number;
  #kept: Candidate[] = [];
  /** How many of these are sorted. */
  #sorted = 0;
  /** Candidates that do not sort before this one are not among the nearest. */
  #last: Candidate | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(candidate: Candidate): void {
    if (this.#last !== undefined && byDistance(candidate, this.#last) > 0) return;
    this.#kept.push(candidate);
    if (this.#kept.length - this.#sorted >= Math.min(this.#limit + 64, sortedAtOnce)) this.#cut();
  }

  /** Candidates farther away than this are not among the nearest. */
  get bound(): number {
    return this.#last?.distance ?? Infinity;
  }

  sorted(): readonly Candidate[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept = this.#kept.toSorted(byDistance).slice(0, this.#limit);
    this.#sorted = this.#kept.length;
    this.#last = this.#kept[this.#limit - 1];
  }
}
