/** Milliseconds for which nothing should block a shared thread. */
export const longestHold = 10;

/** Milliseconds of work before yielding: half of that, as the last step of a slice takes time too. */
export const sliceTime = 5;

/** A time slice of long work, which checks after each step whether it should yield. */
export class Slice {
  readonly #end: number;

  constructor(milliseconds = sliceTime) {
    this.#end = performance.now() + milliseconds;
  }

  get over(): boolean {
    return performance.now() >= this.#end;
  }
}
