import type { Filter } from "@arrwdb/protocol/filter";
import type { LibraryRow } from "../../rows/libraries-table.ts";

/** Thrown where a search can only be answered by reading every vector of its library, which others should not wait for. */
export class TakesLong extends Error {}

/** Why a search that nobody waits for any more has no outcome. */
export class Abandoned extends Error {}

/** Thrown where a search should wait until the library's index is opened, or the fields that its filter names are indexed. */
export class AwaitsIndex extends Error {
  readonly row: LibraryRow;
  readonly filter: Filter | undefined;

  constructor(row: LibraryRow, filter: Filter | undefined) {
    super("The index, or fields that the filter names, are being read");
    this.row = row;
    this.filter = filter;
  }
}
