export interface BackoffSettings {
  /** Maximum of the first delay, in ms. */
  readonly minDelay: number;
  /** Maximum of any delay, in ms. */
  readonly maxDelay: number;
  /** Consecutive failures after which to give up. Default is never. */
  readonly maxAttempts?: number | undefined;
}

/**
 * Pauses between attempts: each is a random share of a bound that doubles, so that a thousand clients of a server that
 * came back do not arrive in the same moment.
 */
export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #random: () => number;
  #failures = 0;

  /** @param random returns numbers from 0 up to, but excluding, 1 */
  constructor(settings: BackoffSettings, random: () => number = Math.random) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Milliseconds to wait after one more failure, or undefined if no attempts are left. */
  next(): number | undefined {
    const { minDelay, maxDelay, maxAttempts } = this.#settings;
    if (maxAttempts !== undefined && this.#failures >= maxAttempts) return undefined;
    // Beyond 2^30 the bound is the maximum anyway, and the power would become Infinity.
    const bound = Math.min(maxDelay, minDelay * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return this.#random() * bound;
  }

  /** After a success. */
  reset(): void {
    this.#failures = 0;
  }
}
