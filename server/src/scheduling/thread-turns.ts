import { FairQueue } from "./fair-queue.ts";

/** Milliseconds of work that one has at a time. */
const turnTime = 4;

/**
 * Turns on the main thread, for work that goes on without waiting for anything: such as an upload whose lines are all there,
 * and all refused. One has its turn in each round of the event loop, so that requests and answers go on between.
 */
export class ThreadTurns {
  readonly #waiting = new FairQueue<() => void>();
  #scheduled = false;

  /** Begins for one who works: `next` waits where it has worked long enough. */
  open(): ThreadTurn {
    return new ThreadTurn((go) => this.run(go));
  }

  /** Does something short in a round of its own: a hundred of them at once hold nobody for as long as all take. */
  run(work: () => void): void {
    this.#waiting.add(work, [work]);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#waiting.next()?.();
      if (!this.#waiting.empty) this.#schedule();
    });
  }
}

/** One's turns. */
export class ThreadTurn {
  readonly #wait: (go: () => void) => void;
  #end = performance.now() + turnTime;
  /** How many there were. */
  count = 1;

  constructor(wait: (go: () => void) => void) {
    this.#wait = wait;
  }

  /** Waits for the next turn where this one is over. */
  async next(): Promise<void> {
    if (performance.now() < this.#end) return;
    await new Promise<void>((resolve) => this.#wait(resolve));
    this.#end = performance.now() + turnTime;
    this.count++;
  }
}
