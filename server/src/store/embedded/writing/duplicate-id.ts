import { ArrwError } from "@arrwdb/protocol/errors/errors";

export function duplicateId(documentId: string): ArrwError {
  const message = `id: ${documentId} occurs twice in this upload; the first one is stored`;
  return new ArrwError("duplicate_id", message, { field: "id" });
}
