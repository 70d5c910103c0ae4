interface Waiter {
  readonly bytes: number;
  readonly grant: () => void;
}

/** A fixed amount of memory that takers share in the order in which they ask. */
export class ByteBudget {
  readonly #capacity: number;
  readonly #waiting: Waiter[] = [];
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Waits until the bytes are free. More than the whole budget counts as the whole. Returns how to give them back. */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const share = Math.min(bytes, this.#capacity);
    if (this.#waiting.length > 0 || this.#taken + share > this.#capacity) await this.#wait(share, signal);
    else this.#taken += share;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#taken -= share;
      this.#grant();
    };
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = {
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
    return promise;
  }

  #grant(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#taken + next.bytes > this.#capacity) return;
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.grant();
    }
  }
}
