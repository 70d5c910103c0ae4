import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";

/**
 * @param ifSeq the `seq` that the caller expects
 * @param current the document's; 0 if there is none
 * @throws ArrwError `seq_mismatch`
 */
export function checkSeq(ifSeq: number | undefined, documentId: string | undefined, current: number): void {
  if (ifSeq === undefined || ifSeq === current) return;
  const message = `if_seq: ${stateOf(documentId, current)}, not ${ifSeq}; read the document again, and repeat the write with its seq`;
  throw new ArrwError("seq_mismatch", message, { field: "if_seq", currentSeq: current });
}

function stateOf(documentId: string | undefined, current: number): string {
  if (documentId === undefined) return "a document without an id is new, so its seq is 0";
  const shown = shownDocumentId(cut(documentId));
  return current === 0 ? `there is no document ${shown}, so its seq is 0` : `document ${shown} has seq ${current}`;
}
