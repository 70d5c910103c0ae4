import type { InstantOperator, OrderOperator, Ordinal } from "@arrwdb/protocol/filter-tree";
import type { NewNumbers } from "./bitmap.ts";
import type { Bounds } from "./value-bounds.ts";
import type { Value } from "./field-term.ts";

/** The rows of each value of one field. An array's elements are values of its row each. */
export interface Values {
  /** @param row not below those before it */
  add(value: Value, row: number): void;
  /** The rows that have one of the values. */
  among(values: readonly Value[]): Bounds;
  /** The rows that have a value which stands so to the operand. */
  ordered(operator: OrderOperator, operand: Ordinal): Bounds;
  /** The rows that have a text which names an instant that stands so to this one, in nanoseconds. */
  atInstant(operator: InstantOperator, at: bigint): Bounds;
  /** The rows that have a text with this part. */
  containing(part: string): Bounds;
  renumber(numbers: NewNumbers): void;
  /** An estimate of its memory. */
  readonly bytes: number;
}
