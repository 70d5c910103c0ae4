import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { LibraryRow } from "../../rows/libraries-table.ts";

/** Thrown if a search requires reading every vector of its library, too long for others to wait for. */
export class TakesLong extends Error {}

/** The outcome of a search that was abandoned because its result is no longer wanted. */
export class Abandoned extends Error {}

/**
 * Thrown if a search should wait until the library's index is loaded, or the fields of its filter and others that it names
 * are indexed.
 */
export class AwaitsIndex extends Error {
  readonly row: LibraryRow;
  readonly filter: Filter | undefined;
  readonly fields: readonly string[];

  constructor(row: LibraryRow, filter: Filter | undefined, fields: readonly string[] = []) {
    super("The index, or fields that the search names, are being read");
    this.row = row;
    this.filter = filter;
    this.fields = fields;
  }
}
