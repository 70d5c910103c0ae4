import { CallerQueue } from "../../../../scheduling/caller-queue.ts";
import { paired } from "../../../../util/pair-lists.ts";
import type { Outcome } from "../../threads/thread-messages.ts";
import { Slice } from "../../../../scheduling/slice.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { SearchReader } from "../search-reader.ts";
import type { SearchView } from "../search-view.ts";
import { LogTruncationPause } from "./log-truncation-pause.ts";
import { Abandoned } from "./takes-long.ts";

/** Maximum number of open searches, each of a different subject; each holds a snapshot of the database. */
const mostOpen = 4;
/** Maximum number of vector searches of one library that share a scan. */
const mostTogether = 8;

/** A long task, and what tasks are grouped by. */
export interface LongTask {
  /** Tasks of one subject run one after another, such as searches of a library. */
  readonly subject: string;
  /** The client, for fair queueing. */
  readonly caller: string | undefined;
  /** Tasks of a subject with the same kind run together; undefined runs alone. */
  readonly kind: string | undefined;
}

/** How long tasks run. An error thrown in the first step ends them and is their outcome. */
export interface LongWork<Task extends LongTask> {
  /** Whether the outcome is still wanted; otherwise the task is not started, or is abandoned. */
  readonly isWanted: (task: Task) => boolean;
  readonly begin: (reader: SearchReader, tasks: readonly Task[]) => Steps<readonly Outcome<unknown>[]>;
  readonly end: (task: Task, outcome: Outcome<unknown>) => void;
  readonly fail: (tasks: readonly Task[], error: unknown) => void;
  /** Whether somebody else keeps the reader and its snapshot now, and gives the reader back later. */
  readonly keeps: (reader: SearchReader) => boolean;
  /** Whether anybody keeps a snapshot, so that pauses would be of no use. */
  readonly isHolding: () => boolean;
}

interface Open<Task extends LongTask> {
  readonly subject: string;
  readonly tasks: readonly Task[];
  readonly reader: SearchReader;
  readonly steps: Steps<readonly Outcome<unknown>[]>;
}

/**
 * Searches too long for others to wait for. Each starts when the indexes and the tables agree, and continues in time
 * slices on the snapshot of that moment, whatever is committed meanwhile. Callers take turns, and so do their subjects; a
 * subject has at most one open task. A task that finishes within its first slice does not wait for the open ones.
 */
export class LongSearches<Task extends LongTask> {
  readonly #view: SearchView;
  readonly #work: LongWork<Task>;
  readonly #fresh = new CallerQueue<Task>();
  /** Tasks that did not finish in their first slice when the maximum was open. */
  readonly #known = new CallerQueue<Task>();
  /** By subject, in order of their turns. */
  readonly #open = new Map<string, Open<Task>>();
  readonly #readers: SearchReader[] = [];
  readonly #sliceTime: number;
  readonly #rest: LogTruncationPause;

  /** @param milliseconds length of a slice */
  constructor(view: SearchView, work: LongWork<Task>, milliseconds: number) {
    this.#view = view;
    this.#rest = new LogTruncationPause(() => (work.isHolding() ? 0 : view.reader.logPages()));
    this.#work = work;
    this.#sliceTime = milliseconds;
  }

  add(task: Task): void {
    this.#fresh.add(task.caller, task.subject, [task]);
  }

  get waiting(): number {
    return this.#fresh.size + this.#known.size + this.#open.size;
  }

  /** Starts a waiting task and runs its first slice; returns whether there was one. */
  begin(): boolean {
    const hasPlace = this.#hasPlace();
    const isFree = (flow: unknown) => typeof flow === "string" && !this.#open.has(flow);
    const known = hasPlace ? this.#known.next(isFree) : undefined;
    const first = known ?? this.#fresh.next(isFree);
    if (first === undefined) return false;
    if (!this.#work.isWanted(first)) {
      this.#work.fail([first], new Abandoned());
      return true;
    }
    const queue = known === undefined ? this.#fresh : this.#known;
    const isAlike = (task: Task) => task.kind !== undefined && task.kind === first.kind && this.#work.isWanted(task);
    this.#begin([first, ...queue.more(first.subject, mostTogether - 1, isAlike)]);
    return true;
  }

  /** Runs a slice of the open task whose turn it is. */
  goOn(): void {
    const [next] = this.#open.values();
    if (next === undefined) return;
    this.#open.delete(next.subject);
    if (!this.#slice(next)) this.#open.set(next.subject, next);
  }

  /** Fails all of them with the error. */
  refuse(error: unknown): void {
    for (const { tasks, reader, steps } of this.#open.values()) {
      steps.return([]);
      this.#letGo(reader);
      this.#work.fail(tasks, error);
    }
    this.#open.clear();
    for (const queue of [this.#known, this.#fresh]) this.#work.fail(queue.clear(), error);
  }

  /** Takes back a reader that was kept. */
  giveBack(reader: SearchReader): void {
    reader.end();
    if (this.#readers.length < mostOpen) this.#readers.push(reader);
    else reader.close();
  }

  close(): void {
    for (const { reader } of this.#open.values()) reader.end();
    for (const reader of [...this.#readers, ...this.#open.values().map((open) => open.reader)]) reader.close();
    this.#open.clear();
  }

  #hasPlace(): boolean {
    return this.#open.size < mostOpen && !this.#rest.isDue(this.#open.size);
  }

  #begin(tasks: readonly Task[]): void {
    const [first] = tasks;
    if (first === undefined) return;
    const reader = this.#readers.pop() ?? this.#view.newReader();
    const steps = this.#work.begin(reader, tasks);
    const open = { subject: first.subject, tasks, reader, steps };
    // The first step queries the indexes, which agree with the tables only now.
    if (this.#view.read(() => this.#step(open), reader) || this.#slice(open)) return;
    if (this.#hasPlace()) this.#open.set(first.subject, open);
    else {
      steps.return([]);
      this.#letGo(reader);
      for (const task of tasks) this.#known.add(task.caller, task.subject, [task]);
    }
  }

  /** Returns whether it has finished. */
  #slice(open: Open<Task>): boolean {
    const slice = new Slice(this.#sliceTime);
    do if (this.#step(open)) return true;
    while (!slice.over);
    return false;
  }

  #step({ tasks, reader, steps }: Open<Task>): boolean {
    try {
      if (!tasks.some(this.#work.isWanted)) throw new Abandoned();
      const { done, value } = steps.next();
      if (done !== true) return false;
      this.#letGo(reader);
      for (const [task, outcome] of paired(tasks, value, "The search")) this.#work.end(task, outcome);
    } catch (error) {
      steps.return([]);
      this.#letGo(reader);
      this.#work.fail(tasks, error);
    }
    return true;
  }

  #letGo(reader: SearchReader): void {
    if (this.#work.keeps(reader)) return;
    reader.end();
    this.#readers.push(reader);
  }
}
