import type { RowSet } from "./rows/row-set.ts";
import type { ValueWalk } from "./values/value-walk.ts";

/** The chunks that pass a filter, and the values of some fields, at one moment, whatever is added and removed later. */
export interface CapturedFields {
  /** The chunks that are certain to pass, and those that have to be verified. */
  readonly certain: RowSet;
  readonly uncertain: RowSet;
  /** Number of rows. */
  readonly count: number;
  /** The keys of rows. */
  readonly rows: {
    readonly key: (row: number) => number;
    readonly find: (key: number) => number | undefined;
  };
  /** The values of the fields, in the order of their names. */
  readonly walks: readonly ValueWalk[];
}
