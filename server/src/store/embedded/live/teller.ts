import { AnswerSize } from "../search/answer-size.ts";
import type { ChunkRow } from "../chunks-table.ts";
import { toErrorData } from "../error-data.ts";
import type { ErrorData, Outcome } from "../messages.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import type { Update, Updates } from "./messages.ts";
import type { StandingQuery } from "./standing-query.ts";

/** Hits, and characters of new chunks, of one message: the main thread does other things in between. */
const hitsPerMessage = 512;
const charactersPerMessage = 1024 * 1024;

/**
 * Tells the main thread what changed, one message at a time: what changes while one is on its way is told with the next,
 * as it is then. So the way between the threads never fills up.
 */
export class Teller {
  readonly #pool: ChunkPool;
  readonly #send: (updates: Updates) => void;
  readonly #due = new Set<StandingQuery>();
  /** Searches that have not been told anything yet: they are, even where there is nothing to show. */
  readonly #beginning = new Set<StandingQuery>();
  readonly #refusals: { readonly id: number; readonly outcome: Outcome<Update> }[] = [];
  readonly #forgotten = new Set<number>();
  #underWay = false;

  constructor(pool: ChunkPool, send: (updates: Updates) => void) {
    this.#pool = pool;
    this.#send = send;
  }

  /** A search has found its first chunks. */
  begin(query: StandingQuery): void {
    this.#beginning.add(query);
    this.#due.add(query);
  }

  /** A search may show something else now. */
  changed(query: StandingQuery): void {
    this.#due.add(query);
  }

  /** A search cannot be told of; this is the last that is told. */
  refuse(id: number, error: ErrorData): void {
    this.#refusals.push({ id, outcome: { error } });
  }

  /** A search has ended. */
  end(query: StandingQuery): void {
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
   * Sends what is due.
   *
   * @param seqOf the position that a search shows
   * @returns the searches that hold too much to be told, which therefore have to end
   */
  flush(seqOf: (query: StandingQuery) => number): readonly StandingQuery[] {
    if (this.#underWay) return [];
    const fresh: ChunkRow[] = [];
    const updates = this.#refusals.splice(0);
    const ending: StandingQuery[] = [];
    let hits = 0;
    let characters = 0;
    for (const query of this.#due) {
      if (hits >= hitsPerMessage || characters >= charactersPerMessage) break;
      this.#due.delete(query);
      if (query.asking) continue;
      const outcome = this.#outcome(query, seqOf(query));
      if (outcome === undefined) continue;
      updates.push({ id: query.id, outcome });
      if ("error" in outcome) {
        ending.push(query);
        continue;
      }
      for (const chunk of this.#show(query, outcome.value.keys)) {
        fresh.push(chunk);
        characters += chunk.characters;
      }
      hits += outcome.value.keys.length;
    }
    if (updates.length > 0 || this.#forgotten.size > 0) {
      this.#send({ type: "updates", fresh, updates, forgotten: [...this.#forgotten] });
      this.#forgotten.clear();
      this.#underWay = true;
    }
    return ending;
  }

  /** What there is to tell, if anything. */
  #outcome(query: StandingQuery, seq: number): Outcome<Update> | undefined {
    const keys = query.keys();
    const begins = this.#beginning.delete(query);
    if (!begins && areSame(keys, query.shown)) return undefined;
    const size = new AnswerSize();
    if (!keys.every((key) => size.add(this.#pool.find(key)))) return { error: toErrorData(size.refusal()) };
    return { value: { seq, exact: query.exact, keys, distances: query.distances() } };
  }

  /** Returns the chunks that the main thread does not have. */
  #show(query: StandingQuery, keys: readonly number[]): readonly ChunkRow[] {
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
