import type { ArrwError } from "@arrwdb/protocol/errors";

/** Seconds that a client should wait where nothing better is known. */
const defaultRetryAfter = 1;

/** What the headers of an answer say about an error, however it is sent (RFC 9110, 10.2.3 and 11.6.1). */
export function problemHeaders({ definition: { status }, retryAfter }: ArrwError): Readonly<Record<string, string>> {
  const seconds = retryAfter ?? (status === 503 || status === 429 ? defaultRetryAfter : undefined);
  return {
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="arrwDB"' } : {}),
    ...(seconds === undefined ? {} : { "retry-after": String(seconds) }),
  };
}
