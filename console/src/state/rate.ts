/** Moments that a rate looks back on. */
const moments = 60;

/** A number that grows, looked at now and then: how fast it grows. Holds a bounded number of moments. */
export class Rate {
  readonly #perSecond: number[] = [];
  #last: { readonly time: number; readonly value: number } | undefined;

  /** @param time in milliseconds */
  add(value: number, time: number): void {
    const last = this.#last;
    if (last !== undefined && time <= last.time) return;
    this.#last = { time, value };
    if (last === undefined) return;
    // One that began anew, as after a restart, has not shrunk.
    const grown = Math.max(0, value - last.value);
    this.#perSecond.push((grown * 1_000) / (time - last.time));
    if (this.#perSecond.length > moments) this.#perSecond.shift();
  }

  /** Per second, the newest one last. */
  get history(): readonly number[] {
    return [...this.#perSecond];
  }
}
