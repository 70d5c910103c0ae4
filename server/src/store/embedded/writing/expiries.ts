import type { Tables } from "../tables/tables.ts";

/** Told of the next instant at which documents of a library expire, in milliseconds; null if none will. */
export type ExpiryListener = (libraryId: string, at: number | null) => void;

/** When documents of each library expire next. An instant may be too early, if its document was deleted or replaced. */
export class Expiries {
  readonly #tables: Tables;
  readonly #listener: ExpiryListener;
  readonly #next = new Map<string, number>();
  /** No instant is before this one. */
  #earliest = Infinity;

  constructor(tables: Tables, listener: ExpiryListener) {
    this.#tables = tables;
    this.#listener = listener;
  }

  /** Looks at what is stored. */
  begin(): void {
    for (const { libraryId, at } of this.#tables.documents.nextExpiries()) this.#set(libraryId, at);
  }

  /** Libraries with documents that may have expired. */
  due(now: number): readonly string[] {
    // Asked at every commit, and there can be many libraries.
    if (now < this.#earliest) return [];
    this.#earliest = this.#next.values().reduce((earliest, at) => Math.min(earliest, at), Infinity);
    return [...this.#next].flatMap(([id, at]) => (at <= now ? [id] : []));
  }

  /** A document that expires at this instant was committed. */
  added(libraryId: string, at: number): void {
    if (at < (this.#next.get(libraryId) ?? Infinity)) this.#set(libraryId, at);
  }

  /** Documents of the library that had expired are gone, also from searches. */
  removed(libraryId: string): void {
    const row = this.#tables.libraries.peek(libraryId);
    const at = row === undefined ? undefined : this.#tables.documents.nextExpiry(row.key);
    if (at !== undefined) return this.#set(libraryId, at);
    this.#next.delete(libraryId);
    this.#listener(libraryId, null);
  }

  #set(libraryId: string, at: number): void {
    this.#next.set(libraryId, at);
    this.#earliest = Math.min(this.#earliest, at);
    this.#listener(libraryId, at);
  }
}
