import { FairQueue } from "./fair-queue.ts";

/** Milliseconds of work per turn. */
const turnTime = 4;

/**
 * Turns on the main thread, for work that never waits for I/O: such as an upload whose lines have all arrived and are all
 * rejected. Each task has one turn per round of the event loop, so that requests and answers are processed in between.
 */
export class ThreadTurns {
  readonly #waiting = new FairQueue<() => void>();
  #scheduled = false;

  /** Registers a task: `next` waits once it has worked long enough. */
  open(): ThreadTurn {
    return new ThreadTurn((go) => this.run(go));
  }

  /** Runs something short in a round of its own, so that a hundred of them do not block the thread for their total time. */
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

/** The turns of one task. */
export class ThreadTurn {
  readonly #wait: (go: () => void) => void;
  #end = performance.now() + turnTime;
  /** Number of turns so far. */
  count = 1;

  constructor(wait: (go: () => void) => void) {
    this.#wait = wait;
  }

  /** Waits for the next turn if this one is over. */
  async next(): Promise<void> {
    if (performance.now() < this.#end) return;
    await new Promise<void>((resolve) => this.#wait(resolve));
    this.#end = performance.now() + turnTime;
    this.count++;
  }
}
