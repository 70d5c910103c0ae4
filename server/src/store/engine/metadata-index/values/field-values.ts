import type { InstantOperator, OrderOperator, Ordinal } from "@arrwdb/protocol/filter/filter-tree";
import type { NewNumbers } from "../rows/bitmap.ts";
import type { Bounds } from "./value-bounds.ts";
import type { Value } from "./field-term.ts";
import type { ValueWalk } from "./value-walk.ts";

/** The rows of each value of one field. Each element of an array is a value of its row. */
export interface Values {
  /** @param row not less than those before it */
  add(value: Value, row: number): void;
  /** The rows that have one of the values. */
  among(values: readonly Value[]): Bounds;
  /** The rows that have a value in this relation to the operand. */
  ordered(operator: OrderOperator, operand: Ordinal): Bounds;
  /** The rows that have a text which denotes an instant in this relation to the given one, in nanoseconds. */
  atInstant(operator: InstantOperator, at: bigint): Bounds;
  /** The rows that have a text with this substring. */
  containing(part: string): Bounds;
  /** Visits its values as of now. */
  walk(): ValueWalk;
  renumber(numbers: NewNumbers): void;
  /** Estimated memory in bytes. */
  readonly bytes: number;
}
