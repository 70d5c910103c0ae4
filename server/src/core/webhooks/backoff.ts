/** Milliseconds that are waited before a call is tried again. */
export interface BackoffSettings {
  /** Before the second attempt. */
  readonly first: number;
  /** At most, whatever the receiver asks for. */
  readonly longest: number;
}

/**
 * Twice as long after each attempt, less up to half of it by chance, so that calls which failed together do not come
 * back together. A receiver may ask for longer.
 *
 * @param attempts that have failed, from 1
 * @param random from 0 up to 1
 * @param retryAfter milliseconds that the receiver asks for
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

/** Milliseconds that a `Retry-After` asks for, as seconds or as a date; undefined where it says nothing that makes sense. */
export function retryAfterOf(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const time = Date.parse(header);
  return Number.isNaN(time) || /^[\d.+-]+$/.test(header) ? undefined : Math.max(0, time - now.getTime());
}
