import type { Worker } from "node:worker_threads";

/** The fraction of its time in which a thread works. */
export class Utilization {
  readonly #worker: Worker;
  #lookedAt = { idle: 0, active: 0, utilization: 0 };

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Since the last call. */
  look(): number {
    const { eventLoopUtilization } = this.#worker.performance;
    const now = eventLoopUtilization();
    const { utilization } = eventLoopUtilization(now, this.#lookedAt);
    this.#lookedAt = now;
    return utilization;
  }
}
