import { unlessAborted } from "../util/abortable.ts";

/** One computation with several waiters. It is aborted when the last of them has left. */
export class SharedCall<Value> {
  readonly #abort = new AbortController();
  readonly #outcome: Promise<Value>;
  readonly #end: () => void;
  #waiting = 0;
  #settled = false;

  /** @param onEnd called when all callers have left, with or without the outcome; no one can join from then on. */
  constructor(run: (signal: AbortSignal) => Promise<Value>, onEnd: () => void) {
    this.#end = onEnd;
    this.#outcome = run(this.#abort.signal).finally(() => {
      this.#settled = true;
    });
  }

  async join(signal: AbortSignal): Promise<Value> {
    this.#waiting++;
    try {
      return await unlessAborted(this.#outcome, signal);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) {
        this.#end();
        // Aborting a settled call would needlessly create an error with its stack.
        if (!this.#settled) this.#abort.abort(signal.reason);
      }
    }
  }
}
