import type { Worker } from "node:worker_threads";

/** The part of its time in which a thread works. */
export class Utilization {
  readonly #worker: Worker;
  #lookedAt = { idle: 0, active: 0, utilization: 0 };

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Of the time since the last look. */
  look(): number {
    const { eventLoopUtilization } = this.#worker.performance;
    const now = eventLoopUtilization();
    const { utilization } = eventLoopUtilization(now, this.#lookedAt);
    this.#lookedAt = now;
    return utilization;
  }
}
