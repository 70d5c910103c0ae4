import { atInstant, ordered } from "@arrwdb/protocol/filter/filter";
import type { InstantOperator, OrderOperator, Ordinal } from "@arrwdb/protocol/filter/filter-tree";
import { Bitmap, type NewNumbers, type SavedBitmap } from "../rows/bitmap.ts";
import { type Bounds, exactly } from "./value-bounds.ts";
import { compareTerms, maxTermBytes, termOf, type Value, termsOf } from "./field-term.ts";
import type { TermRows } from "./term-run.ts";
import type { Values } from "./field-values.ts";
import type { ValueWalk } from "./value-walk.ts";

export interface FewLimits {
  /** Number of distinct values that a field may always have here. */
  readonly values: number;
  /** More values, up to `maxValues`, are allowed while each has this many rows on average. */
  readonly rowsPerValue: number;
  readonly maxValues: number;
  /** Maximum characters of a value. */
  readonly textLength: number;
}

export type SavedFew = readonly (readonly [Value, SavedBitmap])[];

/** A bitmap per value, for a field with few distinct values. Always exact. */
export class FewValues implements Values {
  readonly #limits: FewLimits;
  #rows = new Map<Value, Bitmap>();
  #characters = 0;
  #size = 0;

  constructor(limits: FewLimits, saved: SavedFew = []) {
    this.#limits = limits;
    for (const [value, rows] of saved) this.#set(value, Bitmap.restored(rows));
  }

  saved(): SavedFew {
    return Array.from(this.#rows, ([value, rows]) => [value, rows.saved()]);
  }

  /** Whether there is room for one more row of this value. */
  takes(value: Value): boolean {
    if (this.#rows.has(value)) return true;
    const { values, rowsPerValue, maxValues, textLength } = this.#limits;
    if (typeof value === "string" && value.length > textLength) return false;
    return this.#rows.size < Math.min(maxValues, values + this.#size / rowsPerValue);
  }

  add(value: Value, row: number): void {
    if (!this.#rows.has(value)) this.#set(value, new Bitmap());
    this.#rows.get(value)?.add(row);
    this.#size++;
  }

  among(values: readonly Value[]): Bounds {
    return exactly(Bitmap.union(values.flatMap((value) => this.#rows.get(value) ?? [])));
  }

  ordered(operator: OrderOperator, operand: Ordinal): Bounds {
    return this.#where(ordered(operator, operand));
  }

  atInstant(operator: InstantOperator, at: bigint): Bounds {
    return this.#where(atInstant(operator, at));
  }

  containing(part: string): Bounds {
    return this.#where((value) => typeof value === "string" && value.includes(part));
  }

  /** Rows may be added meanwhile, as the visitor knows only those of its own moment. */
  walk(): ValueWalk {
    const values = Array.from(this.#rows, ([value, rows]) => ({ value, rows, term: termOf(value) })).toSorted((a, b) =>
      compareTerms(a.term, 0, a.term.length, b.term, 0, b.term.length, maxTermBytes),
    );
    return function* (visitor) {
      for (const { value, term, rows } of values) {
        for (const part of rows.parts()) {
          visitor.rows(part, 0, part.length);
          yield;
        }
        visitor.value(() => ({ term, value }));
      }
    };
  }

  /** Its entries, for migration to another structure. */
  entries(): readonly TermRows[] {
    return Array.from(this.#rows, ([value, rows]) =>
      termsOf(value).map((term) => ({ term, rows: rows.toArray() })),
    ).flat();
  }

  renumber(numbers: NewNumbers): void {
    const known = this.#rows;
    this.#rows = new Map();
    this.#characters = 0;
    this.#size = 0;
    for (const [value, rows] of known) {
      const renewed = rows.renumbered(numbers);
      if (renewed.size > 0) this.#set(value, renewed);
    }
  }

  get bytes(): number {
    let bytes = 200 + 2 * this.#characters;
    for (const rows of this.#rows.values()) bytes += 60 + rows.bytes;
    return bytes;
  }

  #set(value: Value, rows: Bitmap): void {
    this.#rows.set(value, rows);
    if (typeof value === "string") this.#characters += value.length;
    this.#size += rows.size;
  }

  #where(condition: (value: Value) => boolean): Bounds {
    return exactly(Bitmap.union([...this.#rows].flatMap(([value, rows]) => (condition(value) ? rows : []))));
  }
}
