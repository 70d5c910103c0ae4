import { FairQueue, type Flow } from "./fair-queue.ts";

interface TurnWaiter {
  readonly flow: Flow;
  readonly go: () => void;
}

/**
 * Limits how much runs concurrently, shared evenly between flows. A flow with something in progress starts more only if it
 * then has no more than remains free (the dynamic thresholds of Choudhury and Hahne, 1998). So a single flow gets half of
 * the slots, two get a third each, and one remains for a new flow.
 */
export class FairTurns {
  readonly #places: number;
  readonly #waiting = new FairQueue<TurnWaiter>();
  /** Number in progress per flow. */
  readonly #running = new Map<Flow, number>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  async run<Value>(flow: Flow, task: () => Promise<Value>): Promise<Value> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(flow, [{ flow, go: resolve }]);
    this.#grant();
    await promise;
    try {
      return await task();
    } finally {
      this.#change(flow, -1);
      this.#grant();
    }
  }

  #grant(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#change(next.flow, 1);
      next.go();
    }
  }

  #next(): TurnWaiter | undefined {
    if (this.#taken === this.#places) return undefined;
    return this.#waiting.next((flow) => {
      const running = this.#running.get(flow) ?? 0;
      return running === 0 || running + 1 <= this.#places - this.#taken - 1;
    });
  }

  #change(flow: Flow, by: 1 | -1): void {
    const running = (this.#running.get(flow) ?? 0) + by;
    if (running === 0) this.#running.delete(flow);
    else this.#running.set(flow, running);
    this.#taken += by;
  }
}
