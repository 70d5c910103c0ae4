import { ArrwError } from "@arrwdb/protocol/errors";
import { APICallError, RetryError } from "ai";

export interface ProviderIdentity {
  readonly id: string;
  /** The setting that holds its key, for messages. */
  readonly keySetting: string;
}

/** What went wrong at a provider, in the words of our table. The key never stands in a message. */
export function providerError(error: unknown, { id, keySetting }: ProviderIdentity): ArrwError {
  const cause = RetryError.isInstance(error) ? error.lastError : error;
  if (cause instanceof ArrwError) return cause;
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new ArrwError("embedder_timeout", `${id} did not answer in time`, { cause, retryAfter: 5 });
  }
  if (!APICallError.isInstance(cause) || cause.statusCode === undefined) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new ArrwError("embedder_failed", `${id} could not be asked: ${reason}`, { cause, retryAfter: 5 });
  }
  const status = cause.statusCode;
  if (status === 401 || status === 403) {
    return new ArrwError("embedder_unavailable", `${id} refused the key (${status}); check ${keySetting}`, { cause });
  }
  if (status === 429) {
    const seconds = Number.parseFloat(cause.responseHeaders?.["retry-after"] ?? "");
    const retryAfter = Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 10;
    return new ArrwError("embedder_rate_limited", `${id} asks for fewer requests`, { cause, retryAfter });
  }
  if (status >= 400 && status < 500) {
    return new ArrwError("embedder_rejected", `${id} refused the text: ${cause.message} (${status})`, { cause });
  }
  return new ArrwError("embedder_failed", `${id} failed: ${cause.message} (${status})`, { cause, retryAfter: 5 });
}
