import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { APICallError } from "ai";
import { objectsToTexts } from "./provider-refusal.ts";
import { retryAfterOf } from "./retry-after.ts";

export interface ProviderIdentity {
  readonly id: string;
  /** The name of the setting with the key, for messages. */
  readonly keySetting: string;
  /** The key, redacted from messages even if the provider repeats it. */
  readonly key: string | undefined;
}

/** Maximum of characters quoted from a provider's response. */
const wordsLength = 500;

/** Seconds for `retryAfter` if the provider names none. */
const defaultRetryAfter = { rateLimited: 10, failed: 5 };

/** The error of a provider, with its code in our table and the provider's own message. The key is redacted. */
export function providerError(cause: unknown, { id, keySetting, key }: ProviderIdentity): ArrwError {
  if (cause instanceof ArrwError) return cause;
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new ArrwError("embedder_timeout", `${id} did not respond in time`, {
      cause,
      retryAfter: defaultRetryAfter.failed,
    });
  }
  if (!APICallError.isInstance(cause) || cause.statusCode === undefined) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const retryAfter = defaultRetryAfter.failed;
    return new ArrwError("embedder_failed", `The request to ${id} failed: ${reason}`, { cause, retryAfter });
  }
  const status = cause.statusCode;
  if (status === 401 || status === 403) {
    // Without the cause and the body: some providers repeat the key in their response, and causes are logged.
    return new ArrwError("embedder_unavailable", `${id} rejected the API key (${status}); check ${keySetting}`);
  }
  const words = wordsOf(cause, key);
  if (status === 429) {
    const retryAfter = secondsOf(cause) ?? defaultRetryAfter.rateLimited;
    return new ArrwError("embedder_rate_limited", `The rate limit of ${id} was reached: ${words}`, {
      cause,
      retryAfter,
    });
  }
  if ((status >= 400 && status < 500) || objectsToTexts(cause)) {
    return new ArrwError("embedder_rejected", `${id} rejected the request (${status}): ${words}`, { cause });
  }
  const retryAfter = secondsOf(cause) ?? defaultRetryAfter.failed;
  const reason = status < 300 ? `${cause.message}: ${words}` : words;
  return new ArrwError("embedder_failed", `${id} failed (${status}): ${reason}`, { cause, retryAfter });
}

/** The beginning of the provider's response, on one line. */
function wordsOf({ responseBody = "", message }: APICallError, key: string | undefined): string {
  const body = key === undefined ? responseBody : responseBody.replaceAll(key, "[key]");
  const words = body
    .slice(0, wordsLength)
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .toWellFormed();
  return words === "" ? message : words;
}

/** Whole seconds, at least one. */
function secondsOf({ responseHeaders }: APICallError): number | undefined {
  const seconds = retryAfterOf(responseHeaders);
  return seconds === undefined || seconds === 0 ? undefined : Math.ceil(seconds);
}
