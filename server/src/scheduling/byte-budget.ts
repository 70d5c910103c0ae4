interface BudgetWaiter {
  readonly taker: object;
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * A fixed amount of memory shared evenly between takers, regardless of order of arrival and of how much each requests.
 *
 * A taker that already holds bytes gets more only if it then holds no more than remains free (the dynamic thresholds of
 * Choudhury and Hahne, 1998). So a single taker gets half, two get a third each, and some always remains for a new one.
 * Of the waiting takers, the one that holds least goes first. A taker that holds nothing takes no memory.
 */
export class ByteBudget {
  readonly #capacity: number;
  /** In order of arrival. */
  readonly #waiting: BudgetWaiter[] = [];
  readonly #held = new Map<object, number>();
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Number of waiting takers. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Waits until the taker may have the bytes. Requests for more than the whole budget are capped. Returns a function that
   * releases them.
   */
  async take(taker: object, bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const share = Math.min(bytes, this.#capacity);
    if (this.#waiting.length === 0 && this.#fits(taker, share)) this.#give(taker, share);
    else await this.#wait(taker, share, signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#give(taker, -share);
      this.#grant();
    };
  }

  #heldBy(taker: object): number {
    return this.#held.get(taker) ?? 0;
  }

  #fits(taker: object, bytes: number): boolean {
    const free = this.#capacity - this.#taken - bytes;
    const held = this.#heldBy(taker);
    return free >= (held === 0 ? 0 : held + bytes);
  }

  #give(taker: object, bytes: number): void {
    const held = this.#heldBy(taker) + bytes;
    if (held === 0) this.#held.delete(taker);
    else this.#held.set(taker, held);
    this.#taken += bytes;
  }

  #wait(taker: object, bytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: BudgetWaiter = {
      taker,
      bytes,
      grant: () => {
        signal.removeEventListener("abort", leave);
        resolve();
      },
    };
    const leave = () => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(signal.reason);
      this.#grant();
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiting.push(waiter);
    this.#grant();
    return promise;
  }

  /** The next taker is never overtaken, or large requests would starve beside small ones. */
  #grant(): void {
    for (let next = this.#next(); next !== undefined && this.#fits(next.taker, next.bytes); next = this.#next()) {
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#give(next.taker, next.bytes);
      next.grant();
    }
  }

  #next(): BudgetWaiter | undefined {
    let next: BudgetWaiter | undefined;
    for (const waiter of this.#waiting) {
      if (next === undefined || this.#heldBy(waiter.taker) < this.#heldBy(next.taker)) next = waiter;
    }
    return next;
  }
}
