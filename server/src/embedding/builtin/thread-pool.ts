import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { FairQueue, type Flow } from "../../scheduling/fair-queue.ts";
import { type ModelTask, Thread } from "./model-thread.ts";

/**
 * Maximum of characters per call of the model (a single window may exceed it), and of windows. The model takes about
 * 0.1 ms per character, regardless of batching. So batches are small: about 60 ms, which is the longest wait of a query
 * while all threads embed documents, and the length of a scheduling turn.
 */
const charactersPerBatch = 600;
const windowsPerBatch = 32;

/**
 * Batches of one kind that a thread holds: one in work, and one queued so that it continues without a round trip to the
 * main thread, which may be busy. Queries do not wait behind the queued document batch, as the thread takes urgent
 * batches first.
 */
const batchesPerThread = 2;

/** Threads that may end before their model is loaded while no other has it; then all that waits is given up. */
const failedStartsAllowed = 2;

/** The threads that compute embeddings, and their queues: queries first, then documents. Flows are scheduled fairly. */
export class ThreadPool {
  readonly #threads: readonly Thread[];
  readonly #urgent = new FairQueue<ModelTask>();
  readonly #others = new FairQueue<ModelTask>();
  /** Tasks of a thread that ended: each is retried alone on an idle thread, so that only the one at fault fails. */
  #suspects: ModelTask[] = [];
  #failedStarts = 0;
  #closed = false;

  constructor(size: number, worker: URL) {
    this.#threads = Array.from(
      { length: size },
      () =>
        new Thread(worker, {
          onProgress: () => this.#feed(),
          onEnd: (tasks, error, loaded) => this.#recover(tasks, error, loaded),
        }),
    );
  }

  /** Resolves when every thread has the model. */
  async start(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.start()));
  }

  add(tasks: readonly ModelTask[], urgent: boolean, flow: Flow): void {
    (urgent ? this.#urgent : this.#others).add(flow, tasks);
    this.#feed();
  }

  /** Removes tasks that no thread has started. */
  remove(tasks: readonly ModelTask[], urgent: boolean, flow: Flow): void {
    (urgent ? this.#urgent : this.#others).remove(flow, tasks);
    if (this.#suspects.length === 0) return;
    // Suspects are few, and tasks that were waiting behind them continue.
    this.#suspects = this.#suspects.filter((task) => !tasks.includes(task));
    this.#feed();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #feed(): void {
    if (this.#closed) return;
    while (this.#feedSuspect());
    // Suspects need an idle thread, so other tasks wait until they have one; threads seldom end.
    if (this.#suspects.length > 0) return;
    while (this.#feedFrom(this.#urgent, true));
    while (this.#feedFrom(this.#others, false));
  }

  #feedSuspect(): boolean {
    const thread = this.#best((candidate) => candidate.load === 0, false);
    const task = thread === undefined ? undefined : this.#suspects.shift();
    if (thread === undefined || task === undefined) return false;
    thread.run([task], true);
    return true;
  }

  #feedFrom(queue: FairQueue<ModelTask>, urgent: boolean): boolean {
    if (queue.empty) return false;
    const suits = (candidate: Thread) => candidate.count(urgent) < batchesPerThread && !candidate.quarantined;
    const thread = this.#best(suits, urgent);
    thread?.run(queue.take(batchLength), urgent);
    return thread !== undefined;
  }

  /** The thread expected to be free first. */
  #best(suits: (thread: Thread) => boolean, urgent: boolean): Thread | undefined {
    return this.#threads.filter(suits).toSorted((a, b) => compare(a, b, urgent))[0];
  }

  #recover(tasks: readonly ModelTask[], cause: Error, loaded: boolean): void {
    if (this.#closed) return;
    const works = loaded || this.#threads.some((thread) => thread.loaded);
    this.#failedStarts = works ? 0 : this.#failedStarts + 1;
    const error = loaded
      ? new ArrwError("embedder_failed", `The built-in model failed: ${cause.message}`, { cause })
      : new ArrwError("embedder_unavailable", `The built-in model could not be loaded: ${cause.message}`, { cause });
    for (const task of tasks) {
      if (task.retried) task.fail(error);
      else this.#suspects.push(task);
      task.retried = true;
    }
    if (this.#failedStarts >= failedStartsAllowed) this.#giveUp(error);
    this.#feed();
  }

  /** Without a model nothing that waits can be computed; the next request tries again. */
  #giveUp(error: Error): void {
    const waiting = [...this.#suspects, ...this.#urgent.clear(), ...this.#others.clear()];
    this.#suspects = [];
    this.#failedStarts = 0;
    for (const task of waiting) task.fail(error);
  }
}

/**
 * Fewer batches, then a loaded model, then the batch in work that was begun first. Documents at hand do not keep a
 * thread from what is urgent.
 */
function compare(a: Thread, b: Thread, urgent: boolean): number {
  const before = (thread: Thread) => (urgent ? thread.count(true) + Math.min(thread.count(false), 1) : thread.load);
  return before(a) - before(b) || Number(b.loaded) - Number(a.loaded) || a.begun - b.begun;
}

/** How many of the first tasks form one batch. */
function batchLength(queue: readonly ModelTask[]): number {
  let characters = 0;
  for (const [index, { window }] of queue.slice(0, windowsPerBatch).entries()) {
    characters += window.length;
    if (index > 0 && characters > charactersPerBatch) return index;
  }
  return Math.min(queue.length, windowsPerBatch);
}
