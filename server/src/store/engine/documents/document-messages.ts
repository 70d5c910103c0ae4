import type { DocumentCount, DocumentListing, DocumentSelection } from "../../document-store.ts";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { Page } from "../../page.ts";

/** Queries of documents by their fields, in the search thread. */
export interface DocumentOperations {
  countDocuments: { take: DocumentSelection & { libraryId: string }; give: DocumentCount };
  listDocuments: { take: DocumentListing & { libraryId: string }; give: Page<DocumentSummary> };
}
