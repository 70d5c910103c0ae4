import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { ReplicaStep } from "../../engine/changes/replica-step.ts";
import type { PostgresDatabase } from "../database/postgres-database.ts";
import { databaseError } from "../database/postgres-error.ts";
import { type LogPlace, readLog } from "../log/log-reader.ts";
import type { OwnCommit } from "../log/log-writer.ts";

/** Where a follower's library is copied to. */
export interface ReplicaTarget {
  /** Resolves once the step is visible to searches and its events are published. */
  apply(step: ReplicaStep): Promise<void>;
  drop(libraryId: string): Promise<void>;
}

export interface LibraryFollowerOptions {
  readonly libraryId: string;
  readonly database: PostgresDatabase;
  readonly replica: ReplicaTarget;
  /** Publishes events of a library without a replica here. */
  readonly publish: (events: readonly LibraryEvent[]) => void;
  /** Maximum number of documents that are read at a time. */
  readonly documentsAtOnce: number;
  /** The last position whose event needs no publishing. */
  readonly published: number;
  /** The position of the replica that is here already; undefined if there is none. */
  readonly replicated: number | undefined;
}

interface PositionWait {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: ArrwError) => void;
}

/** Follows the log of one library: publishes its events and, once somebody reads it, keeps its replica up to date. */
export class LibraryFollower {
  readonly #options: LibraryFollowerOptions;
  readonly #waiting = new Set<PositionWait>();
  /** Commits of this node that are not applied yet, in order. */
  readonly #own: OwnCommit[] = [];
  #published: number;
  /** The library's greatest position heard of. */
  #target: number;
  #place: LogPlace;
  #isReplicated: boolean;
  #isDeleted = false;
  #isWorking = false;
  /** Whether the replica goes through states that the library never had, which nobody may read. */
  #isPartial = false;
  /** Reads of the replica in progress, and who waits for their end. */
  #reads = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: LibraryFollowerOptions) {
    const { published, replicated } = options;
    this.#options = options;
    this.#published = published;
    this.#target = published;
    this.#isReplicated = replicated !== undefined;
    const from = replicated ?? 0;
    this.#place = { from, documents: from, events: replicated ?? published };
  }

  /** The last position whose event was published. */
  get published(): number {
    return this.#published;
  }

  /** The library has a change at this position. */
  heard(seq: number): void {
    this.#target = Math.max(this.#target, seq);
    this.#start();
  }

  /** Whether the replica is at least at this position. */
  isAt(seq: number): boolean {
    return this.#isReplicated && !this.#isPartial && this.#position >= seq;
  }

  /** Runs a read of the replica, which keeps a state that the library had until the read has ended. */
  async read<Value>(run: () => Promise<Value>): Promise<Value> {
    this.#reads++;
    try {
      return await run();
    } finally {
      if (--this.#reads === 0) this.#onIdle?.();
    }
  }

  /** Resolves when the replica, which begins now if there was none, is at least at this position. @throws ArrwError */
  reached(seq: number): Promise<void> {
    if (!this.#isReplicated) {
      this.#isReplicated = true;
      this.#place = { from: 0, documents: 0, events: this.#published };
    }
    return this.#visible(seq);
  }

  /** Takes over a commit of this node, which is not read if it is the next one. Resolves once it is visible. */
  async committed(commit: OwnCommit): Promise<void> {
    // A library that begins here is likely to be searched here.
    if (commit.from === 0) this.#isReplicated = true;
    this.#own.push(commit);
    await this.#visible(commit.step.library.seq);
  }

  #visible(seq: number): Promise<void> {
    if (this.#position >= seq && !this.#isPartial) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.add({ seq, resolve, reject });
    this.heard(seq);
    return promise;
  }

  /** The position of which everything is visible. */
  get #position(): number {
    return this.#isReplicated ? Math.min(this.#place.from, this.#published) : this.#published;
  }

  #start(): void {
    if (this.#isWorking || this.#position >= this.#target) return;
    this.#isWorking = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    try {
      while (this.#position < this.#target && !this.#isDeleted) {
        await this.#next();
        for (const waiting of this.#waiting) {
          if (this.#position >= waiting.seq && !this.#isPartial) this.#settle(waiting, waiting.resolve);
        }
      }
      if (this.#isDeleted) for (const waiting of this.#waiting) this.#settle(waiting, waiting.resolve);
    } catch (error) {
      const failure = databaseError(error);
      for (const waiting of this.#waiting) this.#settle(waiting, () => waiting.reject(failure));
    } finally {
      // In the same turn as the last look at what is wanted, so that nothing is wanted between.
      this.#isWorking = false;
    }
  }

  #settle(waiting: PositionWait, end: () => void): void {
    this.#waiting.delete(waiting);
    end();
  }

  async #next(): Promise<void> {
    while (this.#own[0] !== undefined && this.#own[0].from < this.#position) this.#own.shift();
    const own = this.#own[0];
    if (own !== undefined && own.from === this.#position && this.#published === own.from) {
      this.#own.shift();
      const { seq } = own.step.library;
      return this.#apply(own.step, { from: seq, documents: seq, events: seq });
    }
    const { libraryId, database, documentsAtOnce } = this.#options;
    const range = { libraryId, place: this.#place, documents: this.#isReplicated ? documentsAtOnce : 0 };
    const part = await readLog(database, range);
    if (part === undefined) return this.#forget();
    if (this.#isReplicated && part.stored.earliestSeq > this.#place.events) return this.#beginAnew();
    const { library } = part.stored;
    const events = part.events.filter(({ seq }) => seq > this.#published);
    // The replica is at its former position until it has everything.
    const reached = part.isLast ? library : { ...library, seq: this.#place.from };
    // Parts before the last one lead through states that the library never had.
    if (!part.isLast && this.#isReplicated && !this.#isPartial) await this.#beginPartial();
    await this.#apply({ library: reached, changes: part.changes, events, isPartial: this.#isPartial }, part.place);
    if (part.isLast) this.#isPartial = false;
    if (part.isLast) this.#published = Math.max(this.#published, library.seq);
  }

  async #apply(step: ReplicaStep, place: LogPlace): Promise<void> {
    const { replica, publish } = this.#options;
    if (this.#isReplicated) await replica.apply(step);
    else if (step.events.length > 0) publish(step.events);
    this.#place = place;
    const last = step.events.at(-1);
    if (last === undefined) return;
    this.#published = Math.max(this.#published, last.seq);
    this.#isDeleted = last.type === "library.deleted";
  }

  /** New reads wait from now on; those in progress have to end first. */
  async #beginPartial(): Promise<void> {
    this.#isPartial = true;
    if (this.#reads === 0) return;
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#onIdle = undefined;
  }

  /** Events of deletions are no longer retained, so the replica cannot know what it lacks. */
  async #beginAnew(): Promise<void> {
    await this.#options.replica.drop(this.#options.libraryId);
    this.#place = { from: 0, documents: 0, events: this.#published };
  }

  async #forget(): Promise<void> {
    this.#isDeleted = true;
    if (this.#isReplicated) await this.#options.replica.drop(this.#options.libraryId);
  }
}
