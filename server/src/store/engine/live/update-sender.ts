import { CallerQueue } from "../../../scheduling/caller-queue.ts";
import { AnswerSize } from "../rows/answer-size.ts";
import type { ChunkRow } from "../rows/chunks-table.ts";
import { toErrorData } from "../threads/error-data.ts";
import type { ErrorData, Outcome } from "../threads/thread-messages.ts";
import type { Slice } from "../../../scheduling/slice.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { Update, Updates } from "./live-messages.ts";
import type { LiveQueryState } from "./live-query-state.ts";

/** Maximum size of one message, so that the main thread can do other work in between. */
const updatesPerMessage = 256;
const hitsPerMessage = 256;
const charactersPerMessage = 1024 * 1024;
const forgottenPerMessage = 2_048;

/** For a query that failed, or could not start. */
interface Refusal {
  readonly id: number;
  readonly error: ErrorData;
}

/** The parts of a message being built. */
interface DraftUpdate {
  readonly fresh: ChunkRow[];
  readonly updates: { readonly id: number; readonly outcome: Outcome<Update> }[];
  hits: number;
  characters: number;
}

/**
 * Sends changes to the main thread, one message at a time: queries that change while a message is in flight are sent with
 * the next one, in their state at that time. So the channel never accumulates messages. Callers take turns, and so do the
 * libraries of each, one query at a time.
 */
export class UpdateSender {
  readonly #pool: ChunkPool;
  readonly #send: (updates: Updates) => void;
  /** Queries that may have an update, each queued once. */
  readonly #due = new Set<LiveQueryState>();
  readonly #waiting = new CallerQueue<LiveQueryState | Refusal>();
  /** Queries without any update yet: their first is sent even if there are no hits. */
  readonly #beginning = new Set<LiveQueryState>();
  /** Chunks that no query shows any more, with the `seq` of the content that the main thread has. */
  readonly #forgotten = new Map<number, number>();
  #underWay = false;

  constructor(pool: ChunkPool, send: (updates: Updates) => void) {
    this.#pool = pool;
    this.#send = send;
  }

  /** Whether there may be an update, and the main thread is ready for it. */
  get pending(): boolean {
    return !this.#underWay && (!this.#waiting.empty || this.#forgotten.size > 0);
  }

  /** A query has its first result. */
  begin(query: LiveQueryState): void {
    this.#beginning.add(query);
    this.changed(query);
  }

  /** The hits of a query may have changed. */
  changed(query: LiveQueryState): void {
    if (this.#due.has(query)) return;
    this.#due.add(query);
    this.#waiting.add(query.search.caller, query.libraryId, [query]);
  }

  /** A query has failed; this is its last update. */
  refuse(id: number, libraryId: string, caller: string | undefined, error: ErrorData): void {
    this.#waiting.add(caller, libraryId, [{ id, error }]);
  }

  /** A query has ended. */
  end(query: LiveQueryState): void {
    this.#due.delete(query);
    this.#beginning.delete(query);
    for (const key of query.shown) this.#hide(key);
    query.shown = [];
    query.shownSeqs = [];
  }

  /** The main thread is ready for the next message. */
  updatesReceived(): void {
    this.#underWay = false;
  }

  /**
   * Sends pending updates, up to the size of one message and the time slice.
   *
   * @returns the queries whose hits are too large to send, which therefore have to end
   */
  flush(slice: Slice): readonly LiveQueryState[] {
    if (this.#underWay) return [];
    const draft: DraftUpdate = { fresh: [], updates: [], hits: 0, characters: 0 };
    const ending: LiveQueryState[] = [];
    do {
      const next = this.#waiting.next();
      if (next === undefined) break;
      if ("error" in next) draft.updates.push({ id: next.id, outcome: { error: next.error } });
      // A query that has ended in the meantime is skipped.
      else if (this.#due.delete(next) && !next.asking && !this.#append(next, draft)) ending.push(next);
    } while (!slice.over && hasRoom(draft));
    const { fresh, updates } = draft;
    if (updates.length > 0 || this.#forgotten.size > 0) {
      const forgotten = this.#forgotten.keys().take(forgottenPerMessage).toArray();
      for (const key of forgotten) this.#forgotten.delete(key);
      this.#send({ type: "updates", fresh, updates, forgotten });
      this.#underWay = true;
    }
    return ending;
  }

  /** Returns false for a query whose hits are too large. */
  #append(query: LiveQueryState, draft: DraftUpdate): boolean {
    const outcome = this.#outcome(query);
    if (outcome === undefined) return true;
    draft.updates.push({ id: query.id, outcome });
    if ("error" in outcome) return false;
    for (const chunk of this.#show(query, outcome.value.keys)) {
      draft.fresh.push(chunk);
      draft.characters += chunk.characters;
    }
    draft.hits += outcome.value.keys.length;
    return true;
  }

  /** The update to send, if any. */
  #outcome(query: LiveQueryState): Outcome<Update> | undefined {
    const keys = query.keys();
    const seqs = keys.map((key) => this.#pool.find(key).seq);
    // Chunks have changed, which this query is about to be told: it shows the position before or after, and no mixture.
    if (seqs.some((seq) => seq > query.seq)) return undefined;
    const begins = this.#beginning.delete(query);
    if (!begins && areSame(keys, query.shown) && areSame(seqs, query.shownSeqs)) return undefined;
    const size = new AnswerSize();
    if (!keys.every((key) => size.add(this.#pool.find(key)))) return { error: toErrorData(size.refusal()) };
    return { value: { seq: query.seq, exact: query.exact, keys, distances: query.distances() } };
  }

  /** Returns the chunks that the main thread does not have. */
  #show(query: LiveQueryState, keys: readonly number[]): readonly ChunkRow[] {
    const before = new Set(query.shown);
    const fresh: ChunkRow[] = [];
    for (const key of keys) {
      const isFirst = !before.delete(key) && this.#pool.show(key);
      const had = isFirst ? this.#forgotten.get(key) : undefined;
      this.#forgotten.delete(key);
      if (this.#pool.tell(key, had)) fresh.push(this.#pool.find(key));
    }
    for (const key of before) this.#hide(key);
    query.shown = keys;
    query.shownSeqs = keys.map((key) => this.#pool.find(key).seq);
    return fresh;
  }

  #hide(key: number): void {
    const told = this.#pool.hide(key);
    if (told !== undefined) this.#forgotten.set(key, told);
  }
}

function areSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((key, place) => key === other[place]);
}

const hasRoom = ({ updates, hits, characters }: DraftUpdate) =>
  updates.length < updatesPerMessage && hits < hitsPerMessage && characters < charactersPerMessage;
