import { ArrwError } from "@arrwdb/protocol/errors";
import type { StoredReceipt } from "./upload-store.ts";

/**
 * A receipt answers the line that it was given for, and no other one at its place.
 *
 * @throws ArrwError `idempotency_conflict`
 */
export function checkSameLine({ hash }: StoredReceipt, sent: Uint8Array): void {
  if (Buffer.compare(hash, sent) === 0) return;
  // Its number stands beside the message, and is another one where a client sends a stream in several uploads.
  const message =
    "The line differs from the one committed under this Idempotency-Key; send changed documents with a new key";
  throw new ArrwError("idempotency_conflict", message);
}
