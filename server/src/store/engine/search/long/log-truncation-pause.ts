/** Size of the write-ahead log, in pages, from which it should be reset: 64 MB. */
const usualLog = 4_000;
/** Milliseconds between checks of its size, and the length of each pause. */
const lookEvery = 100;
const opportunity = 1_000;

/**
 * SQLite can only reset the write-ahead log while no reader uses it. Overlapping long searches would prevent that, and the
 * log would grow without bound. So when it has become long, no further searches continue until the open ones have ended
 * and the log had a chance to reset. If another reader still holds an old snapshot, the pause had no effect, and the next
 * one is made when the log has doubled.
 */
export class LogTruncationPause {
  readonly #pages: () => number;
  readonly #long: number;
  #next: number;
  #looked = -Infinity;
  #isResting = false;
  /** Since when no search has been open. */
  #since: number | undefined;

  /**
   * @param pages returns the current size of the log
   * @param long size from which the log should be reset
   */
  constructor(pages: () => number, long: number = usualLog) {
    this.#pages = pages;
    this.#long = long;
    this.#next = long;
  }

  /** Whether searches should pause. @param open number of open searches */
  isDue(open: number): boolean {
    const now = performance.now();
    if (this.#isResting && open === 0) this.#since ??= now;
    if (now - this.#looked < lookEvery) return this.#isResting;
    this.#looked = now;
    const pages = this.#pages();
    if (pages < this.#long) this.#end(this.#long);
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
