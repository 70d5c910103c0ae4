import { ArrwError } from "@arrwdb/protocol/errors";

export function duplicateId(documentId: string): ArrwError {
  const message = `id: ${documentId} stands twice in this upload; the first one counts`;
  return new ArrwError("duplicate_id", message, { field: "id" });
}
