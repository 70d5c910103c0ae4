/** Milliseconds for which nothing should hold a thread that others share. */
export const longestHold = 10;

/** Milliseconds of work after which others have their turn: half of that, as the last step of a slice takes time too. */
export const sliceTime = 5;

/** A slice of work that takes long: it asks after each step whether others should have their turn. */
export class Slice {
  readonly #end: number;

  constructor(milliseconds = sliceTime) {
    this.#end = performance.now() + milliseconds;
  }

  get over(): boolean {
    return performance.now() >= this.#end;
  }
}
