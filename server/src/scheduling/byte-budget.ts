interface BudgetWaiter {
  readonly taker: object;
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * A fixed amount of memory that takers share evenly, whoever came first and however much each asks for.
 *
 * A taker that holds something gets more only where it then holds no more than stays free (the dynamic thresholds of
 * Choudhury and Hahne, 1998). So one alone has half, two have a third each, and there is always something left for who
 * comes next. Of those that wait, the one that holds least goes first. One that holds nothing costs nothing.
 */
export class ByteBudget {
  readonly #capacity: number;
  /** In the order in which they asked. */
  readonly #waiting: BudgetWaiter[] = [];
  readonly #held = new Map<object, number>();
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Takers that wait for some of it. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Waits until the taker may have the bytes. More than the whole budget counts as the whole. Returns how to give them
   * back.
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

  /** Whoever goes next is waited for, or what is large would never fit beside what is small. */
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
