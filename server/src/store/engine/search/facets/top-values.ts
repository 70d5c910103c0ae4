import type { FieldValue } from "@arrwdb/protocol/search/facets";
import { compareTerms, maxTermBytes } from "../../metadata-index/values/field-term.ts";
import type { VisitedValue } from "../../metadata-index/values/value-walk.ts";

/** A value, the number of chunks that have it, and the key of one of them. */
export interface CountedValue extends VisitedValue {
  readonly count: number;
  readonly chunk: number;
}

/** Most frequent first; ties in the order of terms. */
const byCount = (a: CountedValue, b: CountedValue): number =>
  b.count - a.count || compareTerms(a.term, 0, a.term.length, b.term, 0, b.term.length, maxTermBytes);

/** Keeps the most frequent of any number of values, in memory for about twice as many. */
export class TopValues {
  readonly #limit: number;
  #kept: CountedValue[] = [];
  #bound = 0;
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Values with fewer chunks than this are not among the most frequent, nor are those with as many and a later term. */
  get bound(): number {
    return this.#bound;
  }

  /** Counts chunks of a value that is not kept. */
  pass(count: number): void {
    this.#total += count;
  }

  add(value: CountedValue): void {
    this.#total += value.count;
    this.#kept.push(value);
    if (this.#kept.length >= 2 * this.#limit + 64) this.#cut();
  }

  /** The most frequent, and the sum of the counts of all others. */
  result(): { readonly values: readonly CountedValue[]; readonly others: number } {
    this.#cut();
    return { values: this.#kept, others: this.#kept.reduce((rest, { count }) => rest - count, this.#total) };
  }

  #cut(): void {
    this.#kept = this.#kept.toSorted(byCount).slice(0, this.#limit);
    this.#bound = this.#kept[this.#limit - 1]?.count ?? 0;
  }
}

/** A value as it is written in an answer. */
export interface ListedValue {
  readonly value: FieldValue;
  readonly count: number;
}
