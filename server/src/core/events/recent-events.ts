import type { PublishedEvent } from "./published-event.ts";

/** Maximum of characters of events held per library, and in total. */
const libraryCharacters = 1024 * 1024;
const totalCharacters = 64 * 1024 * 1024;

/** What the recent events of all libraries hold together. */
export class RecentBudget {
  characters = 0;
}

/** The last events of a library, in memory, so that readers who are a little behind need not read the log each. */
export class RecentEvents {
  readonly #budget: RecentBudget;
  #events: PublishedEvent[] = [];
  /** Index of the first event still held. */
  #start = 0;
  #characters = 0;

  constructor(budget: RecentBudget) {
    this.#budget = budget;
  }

  add(published: PublishedEvent): void {
    const last = this.#events.at(-1);
    // Only a run without gaps can be resumed from.
    if (last !== undefined && last.event.seq + 1 !== published.event.seq) this.clear();
    this.#events.push(published);
    this.#count(published.json.length);
    while (
      this.#characters > libraryCharacters ||
      (this.#budget.characters > totalCharacters && this.#characters > 0)
    ) {
      this.#dropFirst();
    }
  }

  /** At most this many events after a position; undefined if some of them are not held. */
  after(seq: number, limit: number): readonly PublishedEvent[] | undefined {
    const first = this.#events[this.#start];
    if (first === undefined || seq + 1 < first.event.seq) return undefined;
    const from = this.#start + seq + 1 - first.event.seq;
    return this.#events.slice(from, from + limit);
  }

  clear(): void {
    this.#count(-this.#characters);
    this.#events = [];
    this.#start = 0;
  }

  #dropFirst(): void {
    this.#count(-(this.#events[this.#start]?.json.length ?? 0));
    this.#start++;
    // Moving the rest once for as many costs little for each. Those before it are held as long, so they may not be many.
    if (this.#start * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }

  #count(characters: number): void {
    this.#characters += characters;
    this.#budget.characters += characters;
  }
}
