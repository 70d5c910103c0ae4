import { ArrwError } from "@arrwdb/protocol/errors";
import { type Task, Thread } from "./thread.ts";

/**
 * Windows of one call of the model, and their characters (one window may have more). The model takes as long for a
 * window in a batch as for one alone, so small batches cost nothing, and a query waits for one of them at most: some
 * 50 to 100 ms.
 */
const windowsPerBatch = 8;
const charactersPerBatch = 1_000;

/**
 * Batches of one kind that a thread has: one in work, and one at hand so that it goes on without a round trip to the
 * main thread, which may be busy. Queries do not wait behind the document batch at hand, as the thread itself takes
 * urgent batches first.
 */
const batchesPerThread = 2;

/** Threads that may end before their model is loaded while no other has it; then all that waits is given up. */
const failedStartsAllowed = 2;

/** The threads that compute embeddings, and what waits for them: queries first, then documents in their order. */
export class ThreadPool {
  readonly #threads: readonly Thread[];
  #urgent: Task[] = [];
  #others: Task[] = [];
  /** What was on a thread that ended: each goes alone on an idle thread, so that only the one at fault fails. */
  #suspects: Task[] = [];
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

  add(tasks: readonly Task[], urgent: boolean): void {
    const queue = urgent ? this.#urgent : this.#others;
    for (const task of tasks) queue.push(task);
    this.#feed();
  }

  /** Takes out what no thread has begun. */
  remove(tasks: readonly Task[]): void {
    const unwanted = new Set(tasks);
    const wanted = (task: Task) => !unwanted.has(task);
    this.#urgent = this.#urgent.filter(wanted);
    this.#others = this.#others.filter(wanted);
    this.#suspects = this.#suspects.filter(wanted);
    this.#feed();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #feed(): void {
    if (this.#closed) return;
    while (this.#feedSuspect());
    // Suspects wait for an idle thread, so until they have one the others make room; threads seldom end.
    if (this.#suspects.length > 0) return;
    while (this.#feedFrom(this.#urgent, true));
    while (this.#feedFrom(this.#others, false));
  }

  #feedSuspect(): boolean {
    const thread = this.#idlest((candidate) => candidate.load === 0);
    const task = thread === undefined ? undefined : this.#suspects.shift();
    if (thread === undefined || task === undefined) return false;
    thread.run([task], true);
    return true;
  }

  #feedFrom(queue: Task[], urgent: boolean): boolean {
    if (queue.length === 0) return false;
    const thread = this.#idlest((candidate) => candidate.count(urgent) < batchesPerThread && !candidate.quarantined);
    thread?.run(queue.splice(0, batchLength(queue)), urgent);
    return thread !== undefined;
  }

  /** Between equals, one that has its model loaded. */
  #idlest(suits: (thread: Thread) => boolean): Thread | undefined {
    let best: Thread | undefined;
    for (const thread of this.#threads) {
      if (suits(thread) && (best === undefined || rank(thread) < rank(best))) best = thread;
    }
    return best;
  }

  #recover(tasks: readonly Task[], cause: Error, loaded: boolean): void {
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
    const waiting = [...this.#suspects, ...this.#urgent, ...this.#others];
    this.#suspects = [];
    this.#urgent = [];
    this.#others = [];
    this.#failedStarts = 0;
    for (const task of waiting) task.fail(error);
  }
}

const rank = (thread: Thread): number => thread.load * 2 + (thread.loaded ? 0 : 1);

/** How many of the first tasks make one batch. */
function batchLength(queue: readonly Task[]): number {
  let characters = 0;
  for (const [index, { window }] of queue.slice(0, windowsPerBatch).entries()) {
    characters += window.length;
    if (index > 0 && characters > charactersPerBatch) return index;
  }
  return Math.min(queue.length, windowsPerBatch);
}
