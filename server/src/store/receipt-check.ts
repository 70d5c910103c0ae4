import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { StoredReceipt } from "./upload-store.ts";

/**
 * Checks that a receipt belongs to this line, and not to a different line with the same number.
 *
 * @throws ArrwError `idempotency_conflict`
 */
export function checkSameLine({ hash }: StoredReceipt, sent: Uint8Array): void {
  if (Buffer.compare(hash, sent) === 0) return;
  // The message omits the line number, which differs if a client splits a stream into several uploads.
  const message =
    "The line differs from the one committed under this Idempotency-Key; send changed documents with a new key";
  throw new ArrwError("idempotency_conflict", message);
}
