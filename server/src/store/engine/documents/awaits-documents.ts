import type { Filter } from "@arrwdb/protocol/filter/filter";

/** Thrown if a query should wait until the index of documents is built, or the fields of its filter are indexed. */
export class AwaitsDocuments extends Error {
  readonly library: number;
  readonly filter: Filter;

  constructor(library: number, filter: Filter) {
    super("The documents, or fields that the filter names, are being read");
    this.library = library;
    this.filter = filter;
  }
}
