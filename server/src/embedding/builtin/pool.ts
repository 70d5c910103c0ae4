import { Worker } from "node:worker_threads";
import type { BatchReply, BatchRequest, TextResult } from "./messages.ts";

interface Batch {
  readonly request: BatchRequest;
  readonly settle: (results: readonly TextResult[]) => void;
  retried: boolean;
}

/** Batches that a thread has at a time: one in work, one at hand, so that it never waits for the main thread. */
const batchesPerThread = 2;

/** One thread with the model. It replaces itself when its thread dies. */
class Thread {
  readonly #onFree: () => void;
  readonly #batches = new Map<number, Batch>();
  #worker: Worker;
  #ready = Promise.withResolvers<void>();
  #closed = false;

  constructor(onFree: () => void) {
    this.#onFree = onFree;
    this.#worker = this.#spawn();
  }

  /** Resolves when the model is loaded. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get load(): number {
    return this.#batches.size;
  }

  run(batch: Batch): void {
    this.#batches.set(batch.request.id, batch);
    this.#worker.postMessage(batch.request);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  #spawn(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    worker.unref();
    worker.on("message", (reply: BatchReply) => {
      if (reply.type === "ready") return this.#ready.resolve();
      const batch = this.#batches.get(reply.id);
      this.#batches.delete(reply.id);
      batch?.settle(reply.results);
      this.#onFree();
    });
    worker.on("error", (error) => this.#ready.reject(error));
    worker.once("exit", () => this.#replace());
    // Who waits for `ready` is told; without one who waits, the batches carry the failure.
    this.#ready.promise.catch(() => undefined);
    return worker;
  }

  /** A dead thread's batches are tried once more on a new one. */
  #replace(): void {
    if (this.#closed) return;
    const batches = [...this.#batches.values()];
    this.#batches.clear();
    const failed = batches.filter((batch) => batch.retried);
    for (const { request, settle } of failed) {
      settle(request.texts.map(() => ({ error: "the model's thread ended twice over this text" })));
    }
    this.#ready.reject(new Error("The model's thread ended"));
    this.#ready = Promise.withResolvers();
    this.#worker = this.#spawn();
    for (const batch of batches) {
      if (batch.retried) continue;
      batch.retried = true;
      this.run(batch);
    }
    this.#onFree();
  }
}

/** The threads that compute embeddings, each with the model in its memory. */
export class ThreadPool {
  readonly #threads: readonly Thread[];
  #nextId = 1;

  /** @param onFree called when a thread can take a batch. */
  constructor(size: number, onFree: () => void) {
    this.#threads = Array.from({ length: size }, () => new Thread(onFree));
  }

  /** Resolves when every thread has the model. */
  async ready(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ready));
  }

  get free(): boolean {
    return this.#threads.some((thread) => thread.load < batchesPerThread);
  }

  /** Gives a batch to the thread that has the least to do. */
  run(texts: readonly string[], settle: (results: readonly TextResult[]) => void): void {
    const [idlest] = this.#threads.toSorted((a, b) => a.load - b.load);
    idlest?.run({ request: { id: this.#nextId++, texts }, settle, retried: false });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
