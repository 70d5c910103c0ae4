import { FairQueue, type Flow } from "./fair-queue.ts";

interface TurnWaiter {
  readonly flow: Flow;
  readonly go: () => void;
}

/**
 * A number of things that may be in progress at the same time, which flows share evenly. A flow that has something in
 * progress begins more only where it then has no more than stays free (the dynamic thresholds of Choudhury and Hahne, 1998).
 * So one alone has half of the places, two have a third each, and there is one for who comes next.
 */
export class FairTurns {
  readonly #places: number;
  readonly #waiting = new FairQueue<TurnWaiter>();
  /** How many each flow has in progress. */
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
