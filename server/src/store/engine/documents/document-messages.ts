import type { DocumentCount, DocumentListing, DocumentSelection } from "../../document-store.ts";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { Page } from "../../page.ts";

/** Selects documents written after one position and up to another, of which there may be more than a limit. */
export interface DocumentMatching extends DocumentSelection {
  readonly after: number;
  /** The library's position if undefined. */
  readonly upTo: number | undefined;
  readonly limit: number;
}

export interface MatchedDocuments {
  /** Positions of their last writes, ascending. */
  readonly seqs: Float64Array;
  /** Whether there are more. */
  readonly more: boolean;
  readonly seq: number;
}

/** Queries of documents by their fields, in the search thread. */
export interface DocumentOperations {
  countDocuments: { take: DocumentSelection & { libraryId: string }; give: DocumentCount };
  matchDocuments: { take: DocumentMatching & { libraryId: string }; give: MatchedDocuments };
  listDocuments: { take: DocumentListing & { libraryId: string }; give: Page<DocumentSummary> };
}

export const documentQueries: ReadonlySet<string> = new Set<keyof DocumentOperations>([
  "countDocuments",
  "matchDocuments",
  "listDocuments",
]);
