import { longestHold } from "./slice.ts";

/** How long one kind of work blocked its thread, since the start. Times are in milliseconds. */
export interface Hold {
  readonly work: string;
  /** How often it ran, and how often for longer than it should. */
  readonly turns: number;
  readonly long: number;
  readonly total: number;
  readonly longest: number;
  /** The same in CPU time, which does not include other processes or waiting for the disk. */
  readonly processor: number;
  readonly longestProcessor: number;
}

type Counted = { -readonly [Name in keyof Hold]: Hold[Name] };

/** Measures how long each kind of work blocks a thread at a time. Nested work counts for both kinds. */
export class HoldMeter {
  readonly #holds = new Map<string, Counted>();

  measure<Value>(work: string, run: () => Value): Value {
    const started = performance.now();
    const usage = process.threadCpuUsage();
    try {
      return run();
    } finally {
      const { user, system } = process.threadCpuUsage(usage);
      this.#note(work, performance.now() - started, (user + system) / 1_000);
    }
  }

  read(): readonly Hold[] {
    return this.#holds
      .values()
      .map((hold) => ({ ...hold }))
      .toArray();
  }

  #note(work: string, time: number, processor: number): void {
    let hold = this.#holds.get(work);
    if (hold === undefined) {
      hold = { work, turns: 0, long: 0, total: 0, longest: 0, processor: 0, longestProcessor: 0 };
      this.#holds.set(work, hold);
    }
    hold.turns++;
    if (time > longestHold) hold.long++;
    hold.total += time;
    hold.longest = Math.max(hold.longest, time);
    hold.processor += processor;
    hold.longestProcessor = Math.max(hold.longestProcessor, processor);
  }
}
