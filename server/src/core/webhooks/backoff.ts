/** Milliseconds that are waited before a call is tried again. */
export interface BackoffSettings {
  /** Before the second attempt. */
  readonly first: number;
  /** Upper bound, also for a receiver's `Retry-After`. */
  readonly longest: number;
}

/**
 * Exponential backoff with jitter of up to half the delay, so that calls which failed together do not retry together. A
 * receiver may request a longer delay.
 *
 * @param attempts that have failed, from 1
 * @param random from 0 up to 1
 * @param retryAfter milliseconds that the receiver requested
 */
export function retryDelay(
  attempts: number,
  { first, longest }: BackoffSettings,
  random: number,
  retryAfter = 0,
): number {
  const whole = Math.min(longest, first * 2 ** Math.min(attempts - 1, 30));
  return Math.min(longest, Math.max(whole * (1 - random / 2), retryAfter));
}

/** Milliseconds of a `Retry-After` header, in seconds or as a date; undefined if absent or invalid. */
export function retryAfterOf(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const time = Date.parse(header);
  return Number.isNaN(time) || /^[\d.+-]+$/.test(header) ? undefined : Math.max(0, time - now.getTime());
}
