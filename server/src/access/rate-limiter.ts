import { LRUCache } from "lru-cache";

const minute = 60_000;
/** Maximum of tracked callers; a forgotten one starts over. */
const maxCallers = 100_000;

/** The state of a caller's rate limit. */
export interface RateState {
  /** Requests a minute. */
  readonly limit: number;
  /** Maximum burst of requests. */
  readonly remaining: number;
  /** Seconds until the full burst is available again. */
  readonly reset: number;
  /** Seconds until the next request is allowed; 0 if it is now. */
  readonly retryAfter: number;
}

/**
 * A limit of requests per minute, with an even refill (generic cell rate algorithm): one number per caller, and no
 * window at whose start all arrive at once. Used for HTTP and WebSocket alike, which HTTP rate-limiting plugins do not
 * support.
 */
export class RateLimiter {
  /** When each caller will have earned everything back, in milliseconds. */
  readonly #earned = new LRUCache<string, number>({ max: maxCallers });
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Counts a request, unless it exceeds the limit. */
  take(caller: string, limit: number): RateState {
    const now = this.#now();
    const cost = minute / limit;
    const before = Math.max(this.#earned.get(caller) ?? 0, now);
    const after = before + cost;
    const wait = after - now - minute;
    // Half a millionth of a millisecond, which sums of fractions are off by.
    const isAllowed = wait <= 1e-6;
    if (isAllowed) this.#earned.set(caller, after);
    const debt = (isAllowed ? after : before) - now;
    return {
      limit,
      remaining: Math.max(0, Math.floor((minute - debt) / cost + 1e-6)),
      reset: Math.ceil(debt / 1000),
      retryAfter: isAllowed ? 0 : Math.max(1, Math.ceil(wait / 1000)),
    };
  }
}
