import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import { toFailure } from "@arrwdb/protocol/errors/problem";

/** The message for a subscription that the server had to end. */
export function subscriptionEnded(id: string, libraryId: string, error: ArrwError): unknown {
  const { success: _, ...failure } = toFailure(error);
  return { type: "subscription.ended", subscription_id: id, library_id: libraryId, ...failure };
}
