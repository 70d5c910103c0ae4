/** Pages of the write-ahead log from which on it should begin anew: 64 MB. */
const longLog = 4_000;
/** Milliseconds between two looks at it, and for which it is given the opportunity. */
const lookEvery = 100;
const opportunity = 1_000;

/**
 * The write-ahead log of the database begins anew only in a moment when nobody reads what is in it. Searches that go on for
 * long, one always beside another, would leave none, and the log would grow for as long as they come. So where it has
 * become long no more of them go on until those that do have ended, and the log has had its opportunity. If somebody else
 * reads an old state, that was for nothing, and it is tried again when the log is twice as long.
 */
export class LogRest {
  readonly #pages: () => number;
  #next = longLog;
  #looked = -Infinity;
  #isResting = false;
  /** Since when none goes on. */
  #since: number | undefined;

  /** @param pages tells how many the log has */
  constructor(pages: () => number) {
    this.#pages = pages;
  }

  /** Whether no more searches should go on for now. @param open how many do */
  isDue(open: number): boolean {
    const now = performance.now();
    if (this.#isResting && open === 0) this.#since ??= now;
    if (now - this.#looked < lookEvery) return this.#isResting;
    this.#looked = now;
    const pages = this.#pages();
    if (pages < longLog) this.#end(longLog);
    else if (this.#since !== undefined && now - this.#since > opportunity) this.#end(2 * pages);
    else if (pages >= this.#next) this.#isResting = true;
    return this.#isResting;
  }

  #end(next: number): void {
    this.#isResting = false;
    this.#since = undefined;
    this.#next = next;
  }
}
