import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import { RowSet } from "../../metadata-index/rows/row-set.ts";
import type { ValueVisitor, VisitedValue } from "../../metadata-index/values/value-walk.ts";
import { TopValues } from "./top-values.ts";

/** Counts the values of one field among some rows. */
export class ValueCounter implements ValueVisitor {
  readonly top: TopValues;
  readonly #matching: RowSet;
  readonly #keys: Pick<CapturedFields["rows"], "key">;
  readonly #valued: RowSet;
  #count = 0;
  #row = 0;

  /** @param count the rows are less than this */
  constructor(limit: number, matching: RowSet, count: number, keys: Pick<CapturedFields["rows"], "key">) {
    this.top = new TopValues(limit);
    this.#matching = matching;
    this.#keys = keys;
    this.#valued = RowSet.none(count);
  }

  rows(list: Uint32Array, from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const row = list[index] ?? 0;
      if (!this.#matching.has(row)) continue;
      this.#count++;
      this.#row = row;
      this.#valued.add(row);
    }
  }

  value(read: () => VisitedValue): void {
    const count = this.#count;
    this.#count = 0;
    // Values come in the order of their terms, so that of as many chunks is too late.
    if (count <= this.top.bound) this.top.pass(count);
    else this.top.add({ ...read(), count, chunk: this.#keys.key(this.#row) });
  }

  /** Rows without a value. */
  get missing(): number {
    return this.#matching.size - this.#valued.size;
  }
}
