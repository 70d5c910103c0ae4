import { unlessAborted } from "../abortable.ts";

/** One computation that several may await. It is aborted when the last of them has left, and not before. */
export class Flight<Value> {
  readonly #abort = new AbortController();
  readonly #outcome: Promise<Value>;
  readonly #end: () => void;
  #waiting = 0;

  /** @param onEnd called when nobody else may join: at the outcome, or when all have left. May be called twice. */
  constructor(run: (signal: AbortSignal) => Promise<Value>, onEnd: () => void) {
    this.#end = onEnd;
    this.#outcome = run(this.#abort.signal);
    this.#outcome.then(onEnd, onEnd);
  }

  async join(signal: AbortSignal): Promise<Value> {
    this.#waiting++;
    try {
      return await unlessAborted(this.#outcome, signal);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) {
        this.#end();
        this.#abort.abort(signal.reason);
      }
    }
  }
}
