import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** The bare model on bare threads, all loaded. */
export class BareModel {
  readonly #workers: readonly Worker[];
  readonly #counter = new Int32Array(new SharedArrayBuffer(4));

  constructor(threads: number, texts: readonly string[], batch: number) {
    const url = new URL("./bare-model-worker.ts", import.meta.url);
    const workerData = { texts, batch, counter: this.#counter };
    this.#workers = Array.from({ length: threads }, () => new Worker(url, { workerData }));
  }

  /** Resolves when every thread has the model. */
  async start(): Promise<void> {
    await this.#answers();
  }

  /** Embeds all texts once. */
  async run(): Promise<void> {
    Atomics.store(this.#counter, 0, 0);
    const answers = this.#answers();
    for (const worker of this.#workers) worker.postMessage("go");
    await answers;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #answers(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => once(worker, "message")));
  }
}
