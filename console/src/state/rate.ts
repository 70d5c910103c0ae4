/** Number of samples over which a rate is computed. */
const samples = 60;

/** The rate of a sampled counter. Holds a bounded number of samples. */
export class Rate {
  readonly #perSecond: number[] = [];
  #last: { readonly time: number; readonly value: number } | undefined;

  /** @param time in milliseconds */
  add(value: number, time: number): void {
    const last = this.#last;
    if (last !== undefined && time <= last.time) return;
    this.#last = { time, value };
    if (last === undefined) return;
    // A counter that was reset, as by a restart, has not decreased.
    const grown = Math.max(0, value - last.value);
    this.#perSecond.push((grown * 1_000) / (time - last.time));
    if (this.#perSecond.length > samples) this.#perSecond.shift();
  }

  /** Per second, newest last. */
  get history(): readonly number[] {
    return [...this.#perSecond];
  }
}
