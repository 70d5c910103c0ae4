import { retryWithExponentialBackoff } from "@ai-sdk/provider-utils";
import { APICallError } from "ai";
import { objectsToTexts } from "./provider-refusal.ts";
import { retryAfterOf } from "./retry-after.ts";

/** Maximum `Retry-After` of a provider, in seconds; beyond that, the texts fail and the delay is returned to the client. */
const longestWait = 60;

export interface RetryOptions {
  /** How often a call is tried again. */
  readonly maxRetries: number;
  readonly signal: AbortSignal;
  /** The provider accepts other texts, so a 500 is caused by these, and permanent. */
  readonly suspected: boolean;
}

/** Retries a call after temporary failures: 408, 409, 429, 5xx, a broken connection. A `Retry-After` is honoured. */
export async function withRetries<Value>(
  call: () => Promise<Value>,
  { maxRetries, signal, suspected }: RetryOptions,
): Promise<Value> {
  const retry = retryWithExponentialBackoff({
    maxRetries,
    abortSignal: signal,
    shouldRetry: (error) =>
      APICallError.isInstance(error) &&
      error.isRetryable &&
      !objectsToTexts(error) &&
      !(suspected && error.statusCode === 500) &&
      (retryAfterOf(error.responseHeaders) ?? 0) <= longestWait,
    getDelayInMs: ({ error, exponentialBackoffDelay }) => {
      const seconds = APICallError.isInstance(error) ? retryAfterOf(error.responseHeaders) : undefined;
      return seconds === undefined ? exponentialBackoffDelay : seconds * 1_000;
    },
    createRetryError: ({ errors }) => errors.at(-1),
  });
  return retry(call);
}
