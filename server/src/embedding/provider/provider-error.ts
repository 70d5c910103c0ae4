import { ArrwError } from "@arrwdb/protocol/errors";
import { APICallError, RetryError } from "ai";

export interface ProviderIdentity {
  readonly id: string;
  /** The setting that holds its key, for messages. */
  readonly keySetting: string;
}

/** Statuses by which a provider refuses what it was sent, so that fewer texts may be accepted. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);

/** Seconds after which a retry makes sense where the provider names none. */
const defaultRetryAfter = { rateLimited: 10, failed: 5 };

const lastOf = (error: unknown): unknown => (RetryError.isInstance(error) ? error.lastError : error);

/** Whether the provider objects to the texts, of which one may be at fault for all. */
export function isRefusal(error: unknown): boolean {
  const cause = lastOf(error);
  return APICallError.isInstance(cause) && cause.statusCode !== undefined && refusals.has(cause.statusCode);
}

/** What went wrong at a provider, in the words of our table. The key never stands in a message. */
export function providerError(error: unknown, { id, keySetting }: ProviderIdentity): ArrwError {
  const cause = lastOf(error);
  if (cause instanceof ArrwError) return cause;
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new ArrwError("embedder_timeout", `${id} did not answer in time`, {
      cause,
      retryAfter: defaultRetryAfter.failed,
    });
  }
  if (!APICallError.isInstance(cause) || cause.statusCode === undefined) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const retryAfter = defaultRetryAfter.failed;
    return new ArrwError("embedder_failed", `${id} could not be asked: ${reason}`, { cause, retryAfter });
  }
  const status = cause.statusCode;
  if (status === 401 || status === 403) {
    // Without the cause: some providers repeat the key in their answer, and causes are logged.
    return new ArrwError("embedder_unavailable", `${id} refused the key (${status}); check ${keySetting}`);
  }
  if (status === 429) {
    const retryAfter = retryAfterOf(cause.responseHeaders) ?? defaultRetryAfter.rateLimited;
    return new ArrwError("embedder_rate_limited", `${id} asks for fewer requests`, { cause, retryAfter });
  }
  if (status >= 400 && status < 500) {
    return new ArrwError("embedder_rejected", `${id} refused the request: ${cause.message} (${status})`, { cause });
  }
  const retryAfter = retryAfterOf(cause.responseHeaders) ?? defaultRetryAfter.failed;
  return new ArrwError("embedder_failed", `${id} failed: ${cause.message} (${status})`, { cause, retryAfter });
}

/** `Retry-After` in whole seconds, whether it came as seconds or as a date. */
function retryAfterOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const value = headers?.["retry-after"];
  if (value === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}
