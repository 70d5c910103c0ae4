import { CallerQueue } from "../../../../scheduling/caller-queue.ts";
import { paired } from "../../../../util/paired.ts";
import type { Outcome } from "../../threads/thread-messages.ts";
import { Slice } from "../../../../scheduling/slice.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { SearchReader } from "../search-reader.ts";
import type { SearchView } from "../search-view.ts";
import { LogRest } from "./log-rest.ts";
import { Abandoned } from "./takes-long.ts";

/** Searches that are begun and not at their end, each of another library; each keeps a state of the database. */
const mostOpen = 4;
/** Searches by vector of one library that read its vectors together. */
const mostTogether = 8;

/** Something that takes long, of one library, or what several such things can be done as. */
export interface LongTask {
  readonly libraryId: string;
  /** Whom it is for. */
  readonly caller: string | undefined;
  /** It can be done together with others of the library that are of the same kind, unless that is undefined. */
  readonly kind: string | undefined;
}

/** How long tasks are done. What is thrown in a first step is told of, and ends them. */
export interface LongWork<Task extends LongTask> {
  /** Whether somebody waits for what comes of it; otherwise it is not begun, or given up. */
  readonly isWanted: (task: Task) => boolean;
  readonly begin: (reader: SearchReader, tasks: readonly Task[]) => Steps<readonly Outcome<unknown>[]>;
  readonly end: (task: Task, outcome: Outcome<unknown>) => void;
  readonly fail: (tasks: readonly Task[], error: unknown) => void;
}

interface Open<Task extends LongTask> {
  readonly libraryId: string;
  readonly tasks: readonly Task[];
  readonly reader: SearchReader;
  readonly steps: Steps<readonly Outcome<unknown>[]>;
}

/**
 * Searches that take longer than others should wait. Each is begun when the indexes show what the tables do, and goes on, a
 * slice of time after the other, in the state that the tables had then, whatever is committed meanwhile. Callers take turns, and
 * the libraries that they ask; of one, one is open at a time. What ends within its first slice waits for none that is open.
 */
export class LongSearches<Task extends LongTask> {
  readonly #view: SearchView;
  readonly #work: LongWork<Task>;
  readonly #fresh = new CallerQueue<Task>();
  /** Those that did not end in a slice when there was no place to go on. */
  readonly #known = new CallerQueue<Task>();
  /** By library, in the order of their turns. */
  readonly #open = new Map<string, Open<Task>>();
  readonly #readers: SearchReader[] = [];
  readonly #sliceTime: number;
  readonly #rest: LogRest;

  /** @param milliseconds of a slice */
  constructor(view: SearchView, work: LongWork<Task>, milliseconds: number) {
    this.#view = view;
    this.#rest = new LogRest(() => view.reader.logPages());
    this.#work = work;
    this.#sliceTime = milliseconds;
  }

  add(task: Task): void {
    this.#fresh.add(task.caller, task.libraryId, [task]);
  }

  get waiting(): number {
    return this.#fresh.size + this.#known.size + this.#open.size;
  }

  /** Begins with one that waits, for a slice; tells whether there was one. */
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
    this.#begin([first, ...queue.more(first.libraryId, mostTogether - 1, isAlike)]);
    return true;
  }

  /** Goes on with the open one whose turn it is, for a slice. */
  goOn(): void {
    const [next] = this.#open.values();
    if (next === undefined) return;
    this.#open.delete(next.libraryId);
    if (!this.#slice(next)) this.#open.set(next.libraryId, next);
  }

  /** Gives up all of them, with the error. */
  refuse(error: unknown): void {
    for (const { tasks, reader, steps } of this.#open.values()) {
      steps.return([]);
      this.#letGo(reader);
      this.#work.fail(tasks, error);
    }
    this.#open.clear();
    for (const queue of [this.#known, this.#fresh]) this.#work.fail(queue.clear(), error);
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
    const open = { libraryId: first.libraryId, tasks, reader, steps };
    // The first step asks the indexes, which show the same state as the tables at this moment alone.
    if (this.#view.read(() => this.#step(open), reader) || this.#slice(open)) return;
    if (this.#hasPlace()) this.#open.set(first.libraryId, open);
    else {
      steps.return([]);
      this.#letGo(reader);
      for (const task of tasks) this.#known.add(task.caller, task.libraryId, [task]);
    }
  }

  /** Tells whether it has come to its end. */
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
    reader.end();
    this.#readers.push(reader);
  }
}
