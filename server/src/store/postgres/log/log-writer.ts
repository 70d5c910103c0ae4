import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { Writer } from "../../embedded/writing/writer.ts";
import type { ReplicaStep } from "../../engine/changes/replica-step.ts";
import type { PostgresDatabase, Session } from "../database/postgres-database.ts";
import { together } from "../database/postgres-database.ts";
import { allNeeds, type LibraryNeeds } from "./library-needs.ts";
import { beginChange, type DecisionState } from "./read-needs.ts";
import { StagedLibrary } from "./staged-library.ts";
import { StagedUploads } from "./staged-uploads.ts";
import { writeStaged } from "./write-staged.ts";

/** Maximum size of one transaction. */
const documentsAtOnce = 256;
const bytesAtOnce = 16 * 1024 * 1024;

/** A change of a library that waits for its turn. */
export interface LibraryChange<Value> {
  readonly needs: LibraryNeeds;
  readonly documents: number;
  readonly bytes: number;
  /** @throws ArrwError why it is refused */
  readonly decide: (writer: Writer, now: Date) => Value;
}

/** A commit of this node. */
export interface OwnCommit {
  readonly libraryId: string;
  /** The library's position before. */
  readonly from: number;
  /** Whether the library has more events than it keeps. */
  readonly overflows: boolean;
  readonly step: ReplicaStep;
}

interface QueuedChange {
  readonly change: LibraryChange<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes to PostgreSQL. Each library has one transaction in progress; what arrives meanwhile is the next one, so that more
 * writers make larger transactions instead of more. A transaction locks the library's row first, so nodes take turns, and
 * positions have no gaps.
 */
export class LogWriter {
  readonly #database: PostgresDatabase;
  /** Resolves when the commit may be acknowledged. */
  readonly #onCommit: (commit: OwnCommit) => Promise<void>;
  readonly #queues = new Map<string, QueuedChange[]>();
  readonly #running = new Set<Promise<void>>();
  #refusal: ArrwError | undefined;

  constructor(database: PostgresDatabase, onCommit: (commit: OwnCommit) => Promise<void>) {
    this.#database = database;
    this.#onCommit = onCommit;
  }

  /** @throws ArrwError */
  write<Value>(libraryId: string, change: LibraryChange<Value>): Promise<Value> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return new Promise<Value>((resolve, reject) => {
      let outcome: { value: Value } | undefined;
      const kept: LibraryChange<void> = {
        ...change,
        decide: (writer, now) => void (outcome = { value: change.decide(writer, now) }),
      };
      const settled = () => (outcome === undefined ? reject(new Error("Nothing was decided")) : resolve(outcome.value));
      this.#add(libraryId, { change: kept, resolve: settled, reject });
    });
  }

  /** Refuses what waits, and waits for what is in progress. */
  async close(reason: ArrwError): Promise<void> {
    this.#refusal = reason;
    for (const queue of this.#queues.values()) for (const { reject } of queue.splice(0)) reject(reason);
    await Promise.all(this.#running);
  }

  #add(libraryId: string, waiting: QueuedChange): void {
    const queue = this.#queues.get(libraryId);
    if (queue !== undefined) {
      queue.push(waiting);
      return;
    }
    this.#queues.set(libraryId, [waiting]);
    const running = this.#work(libraryId).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #work(libraryId: string): Promise<void> {
    const queue = this.#queues.get(libraryId) ?? [];
    // What is written in one turn of the event loop goes together.
    await Promise.resolve();
    // The next transaction runs while this one becomes visible to searches, but no more than one.
    let acknowledged = Promise.resolve();
    while (queue.length > 0) {
      const group = takeGroup(queue);
      const committed = this.#commitGroup(libraryId, group);
      await acknowledged;
      acknowledged = (await committed).acknowledged;
    }
    this.#queues.delete(libraryId);
    await acknowledged;
  }

  /** Resolves when the group is stored or refused. */
  async #commitGroup(
    libraryId: string,
    group: readonly QueuedChange[],
  ): Promise<{ readonly acknowledged: Promise<void> }> {
    const refused = new Map<QueuedChange, ArrwError>();
    try {
      const commit = await this.#database.session((session) => this.#transaction(session, libraryId, group, refused));
      return { acknowledged: this.#acknowledge(group, refused, commit) };
    } catch (error) {
      for (const { reject } of group) reject(error);
      return { acknowledged: Promise.resolve() };
    }
  }

  async #acknowledge(
    group: readonly QueuedChange[],
    refused: ReadonlyMap<QueuedChange, ArrwError>,
    commit: OwnCommit | undefined,
  ): Promise<void> {
    try {
      if (commit !== undefined) await this.#onCommit(commit);
      for (const waiting of group) {
        const error = refused.get(waiting);
        if (error === undefined) waiting.resolve(undefined);
        else waiting.reject(error);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #transaction(
    session: Session,
    libraryId: string,
    group: readonly QueuedChange[],
    refused: Map<QueuedChange, ArrwError>,
  ): Promise<OwnCommit | undefined> {
    const needs = allNeeds(group.map(({ change }) => change.needs));
    const state = await beginChange(session, libraryId, needs);
    const staged = new StagedLibrary(state.library);
    const uploads = new StagedUploads(state.uploads);
    const writer = writerOf(state, staged, uploads);
    for (const waiting of group) {
      try {
        waiting.change.decide(writer, state.now);
      } catch (error) {
        if (!(error instanceof ArrwError)) throw error;
        refused.set(waiting, error);
      }
    }
    const before = state.library.stored;
    const sent = writeStaged(session, { libraryId, before, staged, uploads, expires: (needs.expired ?? 0) > 0 });
    await together([...sent, session.run({ text: sent.length === 0 ? "ROLLBACK" : "COMMIT" })]);
    const { changes, events } = staged;
    const library = staged.library ?? lastOf(before?.library, events.at(-1)?.seq);
    if (library === undefined || events.length === 0) return undefined;
    return {
      libraryId: library.id,
      from: before?.library.seq ?? 0,
      overflows: library.seq - (before?.earliestSeq ?? 0) > (library.events.max_count ?? Infinity),
      step: { library, changes, events, isPartial: false },
    };
  }
}

function lastOf<Library extends object>(library: Library | undefined, seq: number | undefined) {
  return library === undefined || seq === undefined ? undefined : { ...library, seq };
}

/** As many changes as fit into one transaction, and at least one. */
function takeGroup(queue: QueuedChange[]): readonly QueuedChange[] {
  let documents = 0;
  let bytes = 0;
  let count = 0;
  for (const { change } of queue) {
    documents += change.documents;
    bytes += change.bytes;
    if (count > 0 && (documents > documentsAtOnce || bytes > bytesAtOnce)) break;
    count++;
  }
  return queue.splice(0, count);
}

function writerOf(state: DecisionState, staged: StagedLibrary, uploads: StagedUploads): Writer {
  let latest = state.library.stored?.changedAt ?? "";
  const { libraries, documents, texts, eventLog } = staged;
  return new Writer({
    tables: { libraries, documents, chunks: texts, events: eventLog },
    rows: staged,
    uploads,
    clock: { at: (_library, now) => (latest = now > latest ? now : latest) },
    now: state.now,
  });
}
