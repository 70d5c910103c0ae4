import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";

export function duplicateId(documentId: string): ArrwError {
  const message = `id: ${shownDocumentId(cut(documentId))} occurs twice in this upload; the first one is stored`;
  return new ArrwError("duplicate_id", message, { field: "id" });
}

export const documentNotFound = (documentId: string): ArrwError =>
  new ArrwError("document_not_found", `The library has no document ${shownDocumentId(cut(documentId))}`);
