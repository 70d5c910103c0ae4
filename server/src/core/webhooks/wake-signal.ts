/** Wakes one waiter; wakes in between are remembered. */
export class WakeSignal {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves once woken since the last wait, or after the time-out in milliseconds. */
  async wait(timeout: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (Number.isFinite(timeout)) timer = setTimeout(() => this.ring(), Math.min(timeout, 2 ** 31 - 1));
    await this.#rung.promise;
    clearTimeout(timer);
    this.#rung = Promise.withResolvers<void>();
  }
}
