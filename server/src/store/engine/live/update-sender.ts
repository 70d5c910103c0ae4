import { CallerQueue } from "../../../scheduling/caller-queue.ts";
import { AnswerSize } from "../rows/answer-size.ts";
import type { ChunkRow } from "../rows/chunks-table.ts";
import { toErrorData } from "../threads/error-data.ts";
import type { ErrorData, Outcome } from "../threads/thread-messages.ts";
import type { Slice } from "../../../scheduling/slice.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { Update, Updates } from "./live-messages.ts";
import type { LiveQueryState } from "./live-query-state.ts";

/** What one message has at the most, so that the main thread can do other things in between. */
const updatesPerMessage = 256;
const hitsPerMessage = 256;
const charactersPerMessage = 1024 * 1024;
const forgottenPerMessage = 2_048;

/** Of a search that cannot be told of, or has never begun. */
interface Refusal {
  readonly id: number;
  readonly error: ErrorData;
}

/** What there is in the making of a message. */
interface DraftUpdate {
  readonly fresh: ChunkRow[];
  readonly updates: { readonly id: number; readonly outcome: Outcome<Update> }[];
  hits: number;
  characters: number;
}

/**
 * Tells the main thread what changed, one message at a time: what changes while one is on its way is told with the next,
 * as it is then. So the way between the threads never fills up. Callers take turns, and the libraries of each, a search at
 * a time.
 */
export class UpdateSender {
  readonly #pool: ChunkPool;
  readonly #send: (updates: Updates) => void;
  /** Searches that may have something to tell; each waits for its turn once. */
  readonly #due = new Set<LiveQueryState>();
  readonly #waiting = new CallerQueue<LiveQueryState | Refusal>();
  /** Searches that have not been told anything yet: they are, even where there is nothing to show. */
  readonly #beginning = new Set<LiveQueryState>();
  readonly #forgotten = new Set<number>();
  #underWay = false;

  constructor(pool: ChunkPool, send: (updates: Updates) => void) {
    this.#pool = pool;
    this.#send = send;
  }

  /** Whether there may be something to tell, and the main thread is ready for it. */
  get pending(): boolean {
    return !this.#underWay && (!this.#waiting.empty || this.#forgotten.size > 0);
  }

  /** A search has found its first chunks. */
  begin(query: LiveQueryState): void {
    this.#beginning.add(query);
    this.changed(query);
  }

  /** A search may show something else now. */
  changed(query: LiveQueryState): void {
    if (this.#due.has(query)) return;
    this.#due.add(query);
    this.#waiting.add(query.search.caller, query.libraryId, [query]);
  }

  /** A search cannot be told of; this is the last that is told. */
  refuse(id: number, libraryId: string, caller: string | undefined, error: ErrorData): void {
    this.#waiting.add(caller, libraryId, [{ id, error }]);
  }

  /** A search has ended. */
  end(query: LiveQueryState): void {
    this.#due.delete(query);
    this.#beginning.delete(query);
    for (const key of query.shown) this.#hide(key);
    query.shown = [];
  }

  /** The main thread is ready for more. */
  told(): void {
    this.#underWay = false;
  }

  /**
   * Sends what is due, as much as one message and the slice of time have room for.
   *
   * @returns the searches that hold too much to be told, which therefore have to end
   */
  flush(slice: Slice): readonly LiveQueryState[] {
    if (this.#underWay) return [];
    const draft: DraftUpdate = { fresh: [], updates: [], hits: 0, characters: 0 };
    const ending: LiveQueryState[] = [];
    do {
      const next = this.#waiting.next();
      if (next === undefined) break;
      if ("error" in next) draft.updates.push({ id: next.id, outcome: { error: next.error } });
      // One that has ended in the meantime is passed over.
      else if (this.#due.delete(next) && !next.asking && !this.#tell(next, draft)) ending.push(next);
    } while (!slice.over && hasRoom(draft));
    const { fresh, updates } = draft;
    if (updates.length > 0 || this.#forgotten.size > 0) {
      const forgotten = this.#forgotten.values().take(forgottenPerMessage).toArray();
      for (const key of forgotten) this.#forgotten.delete(key);
      this.#send({ type: "updates", fresh, updates, forgotten });
      this.#underWay = true;
    }
    return ending;
  }

  /** Returns false for a search that holds too much. */
  #tell(query: LiveQueryState, draft: DraftUpdate): boolean {
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

  /** What there is to tell, if anything. */
  #outcome(query: LiveQueryState): Outcome<Update> | undefined {
    const keys = query.keys();
    const begins = this.#beginning.delete(query);
    if (!begins && areSame(keys, query.shown)) return undefined;
    const size = new AnswerSize();
    if (!keys.every((key) => size.add(this.#pool.find(key)))) return { error: toErrorData(size.refusal()) };
    return { value: { seq: query.seq, exact: query.exact, keys, distances: query.distances() } };
  }

  /** Returns the chunks that the main thread does not have. */
  #show(query: LiveQueryState, keys: readonly number[]): readonly ChunkRow[] {
    const before = new Set(query.shown);
    const fresh: ChunkRow[] = [];
    for (const key of keys) {
      if (before.delete(key)) continue;
      if (this.#pool.show(key) && !this.#forgotten.delete(key)) fresh.push(this.#pool.find(key));
    }
    for (const key of before) this.#hide(key);
    query.shown = keys;
    return fresh;
  }

  #hide(key: number): void {
    if (this.#pool.hide(key)) this.#forgotten.add(key);
  }
}

function areSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((key, place) => key === other[place]);
}

const hasRoom = ({ updates, hits, characters }: DraftUpdate) =>
  updates.length < updatesPerMessage && hits < hitsPerMessage && characters < charactersPerMessage;
