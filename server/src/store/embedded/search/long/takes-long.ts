import type { Filter } from "@arrwdb/protocol/filter";
import type { LibraryRow } from "../../libraries-table.ts";

/** Thrown where a search can only be answered by reading every vector of its library, which others should not wait for. */
export class TakesLong extends Error {}

/** Thrown where a search should wait until the fields that its filter names are indexed. */
export class AwaitsFields extends Error {
  readonly row: LibraryRow;
  readonly filter: Filter;

  constructor(row: LibraryRow, filter: Filter) {
    super("Fields that the filter names are being indexed");
    this.row = row;
    this.filter = filter;
  }
}
