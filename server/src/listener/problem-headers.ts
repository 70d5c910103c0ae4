import type { ArrwError } from "@arrwdb/protocol/errors/errors";

/** Default `Retry-After` in seconds. */
const defaultRetryAfter = 1;

/** Headers of an error response, over every transport (RFC 9110, 10.2.3 and 11.6.1). */
export function problemHeaders({ definition: { status }, retryAfter }: ArrwError): Readonly<Record<string, string>> {
  const seconds = retryAfter ?? (status === 503 || status === 429 ? defaultRetryAfter : undefined);
  return {
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="arrwDB"' } : {}),
    ...(seconds === undefined ? {} : { "retry-after": String(seconds) }),
  };
}
