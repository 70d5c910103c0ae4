import { Worker } from "node:worker_threads";
import { type BatchRequest, dimension, parseReply, type ModelReply } from "./model-messages.ts";

/** One window of a text, in progress on a thread. */
export interface ModelTask {
  readonly window: string;
  /** It was on a thread that ended. */
  retried: boolean;
  readonly settle: (vector: Float32Array) => void;
  readonly fail: (error: Error) => void;
}

interface ModelBatch {
  readonly urgent: boolean;
  readonly tasks: readonly ModelTask[];
}

export interface ThreadEvents {
  /** A batch is done, or the model is loaded. */
  readonly onProgress: () => void;
  /** The thread ended, with these tasks on it. `loaded`: whether its model had been loaded. */
  readonly onEnd: (tasks: readonly ModelTask[], error: Error, loaded: boolean) => void;
}

/** A slot for one worker thread with the model. The thread starts with the first batch, and again if it ended. */
export class Thread {
  readonly #url: URL;
  readonly #events: ThreadEvents;
  readonly #batches = new Map<number, ModelBatch>();
  #worker: Worker | undefined;
  #loading = Promise.withResolvers<void>();
  #loaded = false;
  #begun = 0;
  #nextId = 1;

  constructor(url: URL, events: ThreadEvents) {
    this.#url = url;
    this.#events = events;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get load(): number {
    return this.#batches.size;
  }

  /** When the current batch was started, in milliseconds of `performance.now()`; meaningless without one. */
  get begun(): number {
    return this.#begun;
  }

  /** Batches of this kind that it has in work or at hand. */
  count(urgent: boolean): number {
    return this.#batches.values().reduce((sum, batch) => sum + (batch.urgent === urgent ? 1 : 0), 0);
  }

  /** It runs a task that ended a thread before, and must not take others with it. */
  get quarantined(): boolean {
    return this.#batches.values().some(({ tasks }) => tasks.some((task) => task.retried));
  }

  /** Resolves when the model is loaded. @throws Error the reason why it could not be. */
  start(): Promise<void> {
    this.#worker ??= this.#spawn();
    return this.#loading.promise;
  }

  run(tasks: readonly ModelTask[], urgent: boolean): void {
    this.#worker ??= this.#spawn();
    const request: BatchRequest = { id: this.#nextId++, urgent, windows: tasks.map(({ window }) => window) };
    if (this.#batches.size === 0) this.#begun = performance.now();
    this.#batches.set(request.id, { urgent, tasks });
    this.#worker.ref();
    this.#worker.postMessage(request);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #spawn(): Worker {
    const worker = new Worker(this.#url);
    let fault = new Error("the model's thread ended");
    worker.on("message", (message: unknown) => this.#receive(parseReply(message), worker));
    worker.on("error", (error) => {
      fault = error instanceof Error ? error : new Error(String(error));
    });
    worker.once("exit", () => this.#end(fault));
    this.#loading = Promise.withResolvers();
    // Callers of `start` get the error; without one, the tasks carry it.
    this.#loading.promise.catch(() => undefined);
    return worker;
  }

  #receive(reply: ModelReply, worker: Worker): void {
    if (reply.type === "ready") {
      this.#loaded = true;
      this.#loading.resolve();
    } else {
      const tasks = this.#batches.get(reply.id)?.tasks;
      // Its other batches cannot be trusted either; it is ended, and its tasks are retried on another thread.
      if (tasks?.length !== reply.numbers.length / dimension) return void worker.terminate();
      this.#batches.delete(reply.id);
      this.#begun = performance.now();
      for (const [index, task] of tasks.entries()) {
        task.settle(reply.numbers.subarray(index * dimension, (index + 1) * dimension));
      }
    }
    // An idle thread does not keep the process alive; a busy one does, as its result is awaited.
    if (this.#batches.size === 0) worker.unref();
    this.#events.onProgress();
  }

  #end(error: Error): void {
    const tasks = this.#batches
      .values()
      .flatMap((batch) => batch.tasks)
      .toArray();
    const loaded = this.#loaded;
    this.#batches.clear();
    this.#worker = undefined;
    this.#loaded = false;
    this.#loading.reject(error);
    this.#events.onEnd(tasks, error, loaded);
  }
}
