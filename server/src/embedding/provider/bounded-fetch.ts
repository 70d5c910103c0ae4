/** A fetch in which each call has its own time-out, so that waiting for a `Retry-After` between calls does not count. */
export function boundedFetch(timeoutMs: number): typeof fetch {
  return (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const given = init?.signal;
    const signal = given === null || given === undefined ? timeout : AbortSignal.any([given, timeout]);
    return fetch(input, { ...init, signal });
  };
}
