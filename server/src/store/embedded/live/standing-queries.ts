import { ArrwError } from "@arrwdb/protocol/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { VectorSearch } from "../../store.ts";
import { toErrorData } from "../error-data.ts";
import type { ErrorData } from "../messages.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { LiveLibrary } from "./live-library.ts";
import type { Answer, Find, Found, FromMain, FromStore, ToStore, Updates, Weight } from "./messages.ts";
import { capacityOf, StandingQuery } from "./standing-query.ts";
import { Teller } from "./teller.ts";

/** Characters that the chunks of all standing searches may have together, for a further one to begin. */
const charactersOfAll = 4 * limits.answerCharacters;

const none: Weight = { comparisons: 0, bytes: 0 };

interface Beginning {
  readonly libraryId: string;
  readonly search: VectorSearch;
}

/**
 * The standing searches, as the live thread has them. It is told of everything in the order of the commits, takes what
 * waits as one, and tells each search once what became of it.
 */
export class StandingQueries {
  readonly #toStore: (message: ToStore) => void;
  readonly #pool = new ChunkPool();
  readonly #teller: Teller;
  readonly #libraries = new Map<string, LiveLibrary>();
  readonly #queries = new Map<number, StandingQuery>();
  /** Those that wait for their first answer. */
  readonly #beginning = new Map<number, Beginning>();
  /** What the changes weigh that the store has not been told are done. */
  #seen = none;

  constructor(toStore: (message: ToStore) => void, toMain: (updates: Updates) => void) {
    this.#toStore = toStore;
    this.#teller = new Teller(this.#pool, toMain);
  }

  fromMain(message: Exclude<FromMain, { type: "statistics" }>): void {
    switch (message.type) {
      case "watch": {
        const { id, libraryId, search } = message;
        this.#beginning.set(id, { libraryId, search });
        this.#toStore({ type: "find", id, libraryId, search, capacity: capacityOf(search), begins: true });
        return;
      }
      case "end": {
        const query = this.#queries.get(message.id);
        if (query !== undefined) this.#end(query);
        return;
      }
      case "told":
        return this.#teller.told();
    }
  }

  fromStore(message: FromStore): void {
    switch (message.type) {
      case "changes":
        this.#libraries.get(message.libraryId)?.note(message);
        this.#seen = sum(this.#seen, message.weight);
        return;
      case "found":
        return this.#found(message);
      case "refused":
        return this.#refused(message.id, message.error);
      case "dropped":
        return this.#forget(message.libraryId);
      case "lost": {
        const lost = this.#libraries.get(message.libraryId)?.queries() ?? [];
        for (const { id } of lost) this.#teller.refuse(id, message.error);
        return this.#forget(message.libraryId);
      }
    }
  }

  /** Looks at all changes that came, and tells what is new. */
  settle(): void {
    for (const libraryId of this.#libraries.keys()) this.#apply(libraryId);
    if (this.#seen !== none) this.#toStore({ type: "done", weight: this.#seen });
    this.#seen = none;
    const tooLarge = this.#teller.flush(({ libraryId }) => this.#libraries.get(libraryId)?.seq ?? 0);
    for (const query of tooLarge) this.#end(query);
  }

  #apply(libraryId: string): void {
    const library = this.#libraries.get(libraryId);
    if (library === undefined) return;
    for (const query of library.apply()) {
      if (query.short) this.#refill(library, query);
      else this.#teller.changed(query);
    }
  }

  #refill(library: LiveLibrary, query: StandingQuery): void {
    query.asking = true;
    query.clear();
    const { id, libraryId, search } = query;
    // A copy, as sending a part of a matrix would send all of it.
    const find: Find = {
      type: "find",
      id,
      libraryId,
      search: { ...search, vector: new Float32Array(library.vector(id)) },
      capacity: capacityOf(search),
      begins: false,
    };
    this.#toStore(find);
  }

  #found({ libraryId, seq, answers, chunks }: Found): void {
    // The answers show every change that came before them.
    this.#apply(libraryId);
    const byKey = new Map(chunks.map((chunk) => [chunk.key, chunk]));
    for (const answer of answers) {
      const begins = this.#beginning.get(answer.id);
      if (begins !== undefined) this.#begin(answer, begins);
      const query = this.#queries.get(answer.id);
      if (query === undefined) continue;
      query.fill(answer, byKey);
      if (begins === undefined) this.#teller.changed(query);
      else this.#teller.begin(query);
    }
    const library = this.#libraries.get(libraryId);
    if (library !== undefined) library.seq = seq;
  }

  #begin({ id }: Answer, { libraryId, search }: Beginning): void {
    this.#beginning.delete(id);
    if (this.#pool.characters > charactersOfAll) {
      const message = `The live queries hold more than ${charactersOfAll} characters of hits`;
      this.#teller.refuse(id, toErrorData(new ArrwError("overloaded", message, { retryAfter: 30 })));
      return this.#toStore({ type: "end", libraryId });
    }
    const library = this.#libraries.get(libraryId) ?? new LiveLibrary(search.vector.length, this.#pool);
    this.#libraries.set(libraryId, library);
    const query = new StandingQuery(id, libraryId, search, this.#pool);
    library.add(query, search.vector);
    this.#queries.set(id, query);
  }

  #refused(id: number, error: ErrorData): void {
    const query = this.#queries.get(id);
    // One that ended meanwhile is told nothing.
    if (this.#beginning.delete(id) || query !== undefined) this.#teller.refuse(id, error);
    if (query !== undefined) this.#end(query);
  }

  #end(query: StandingQuery): void {
    const { libraryId } = query;
    this.#leave(query);
    const library = this.#libraries.get(libraryId);
    library?.remove(query.id);
    if (library?.size === 0) this.#libraries.delete(libraryId);
    this.#toStore({ type: "end", libraryId });
  }

  /** The store tells of this library no more. */
  #forget(libraryId: string): void {
    for (const query of this.#libraries.get(libraryId)?.queries() ?? []) this.#leave(query);
    this.#libraries.delete(libraryId);
  }

  #leave(query: StandingQuery): void {
    this.#queries.delete(query.id);
    this.#teller.end(query);
    query.clear();
  }
}

function sum(one: Weight, other: Weight): Weight {
  return { comparisons: one.comparisons + other.comparisons, bytes: one.bytes + other.bytes };
}
