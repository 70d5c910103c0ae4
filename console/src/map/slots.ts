/**
 * A bounded number of slots: released ones are reused, and if none is free, the one assigned longest ago.
 */
export class Slots {
  readonly #most: number;
  readonly #free: number[] = [];
  #used = 0;
  #oldest = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#free.length === 0 && this.#used >= this.#most;
  }

  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used < this.#most) return this.#used++;
    const taken = this.#oldest;
    this.#oldest = (this.#oldest + 1) % this.#most;
    return taken;
  }

  release(slot: number): void {
    this.#free.push(slot);
  }
}
