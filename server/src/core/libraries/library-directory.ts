import { noEmbeddingModel } from "@arrwdb/protocol/documents/model";
import { LRUCache } from "lru-cache";
import type { Store } from "../../store/store.ts";

/** What of a library seldom changes, and every request needs. */
export interface LibraryFacts {
  readonly id: string;
  readonly dimension: number;
  /** Undefined for a library of the clients' own vectors. */
  readonly embeddingModel: string | undefined;
  /** Whether its searches are events. */
  readonly searchPerformed: boolean;
}

/** Caches the facts of libraries, so that a search needs no read of them. */
export class LibraryDirectory {
  readonly #store: Store;
  readonly #facts = new LRUCache<string, LibraryFacts>({ max: 10_000 });
  /** Number of changes of libraries so far. */
  #changes = 0;

  constructor(store: Store) {
    this.#store = store;
    store.events.onCommit((events) => {
      for (const { type, library_id } of events) {
        if (type === "library.deleted" || type === "library.updated") this.forget(library_id);
      }
    });
  }

  /** The library has changed. */
  forget(id: string): void {
    this.#changes++;
    this.#facts.delete(id);
  }

  /** @throws ArrwError `library_not_found` */
  async get(id: string): Promise<LibraryFacts> {
    const known = this.#facts.get(id);
    if (known !== undefined) return known;
    const changes = this.#changes;
    const library = await this.#store.libraries.get(id);
    const facts: LibraryFacts = {
      id,
      dimension: library.dimension,
      embeddingModel: library.embedding_model === noEmbeddingModel ? undefined : library.embedding_model,
      searchPerformed: library.events.search_performed,
    };
    // What was read before a change is not kept after it.
    if (changes === this.#changes) this.#facts.set(id, facts);
    return facts;
  }
}
