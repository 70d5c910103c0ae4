import { ProgressBar } from "./progress-bar.ts";

/** The progress of work with several steps, one bar per step. */
export class StepProgress implements Disposable {
  readonly #shown: boolean;
  #bar: ProgressBar | undefined;
  #step = "";

  /** @param shown whether it may be shown at all */
  constructor(shown: boolean) {
    this.#shown = shown;
  }

  readonly onProgress = (step: string, done: number, total: number): void => {
    if (step !== this.#step) {
      this[Symbol.dispose]();
      this.#step = step;
      this.#bar = new ProgressBar(total, this.#shown);
    }
    this.#bar?.update(done, step);
  };

  [Symbol.dispose](): void {
    this.#bar?.[Symbol.dispose]();
    this.#bar = undefined;
  }
}
