import { type SearchPerformed, topHits } from "@arrwdb/protocol/events/events";
import type { SearchResponse } from "@arrwdb/protocol/search/search";
import type { Store } from "../../store/store.ts";
import type { SearchQuery } from "./search.ts";

/** Maximum of searches whose events are being written; further ones wait. */
const maxWriting = 1_000;

/**
 * Publishes searches as events of libraries that enable it. The response does not wait for its event, so a crash may
 * lose the latest ones.
 */
export class SearchLog {
  readonly #store: Store;
  readonly #onFault: (error: unknown) => void;
  readonly #writing = new Set<Promise<void>>();

  constructor(store: Store, onFault: (error: unknown) => void) {
    this.#store = store;
    this.#onFault = onFault;
  }

  /** Resolves when the queue has space for the next one. */
  async record(libraryId: string, query: SearchQuery, response: SearchResponse): Promise<void> {
    while (this.#writing.size >= maxWriting) await Promise.race(this.#writing);
    const writing = this.#store.events
      .recordSearch(libraryId, performed(query, response))
      .then(() => undefined, this.#onFault)
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}

function performed(query: SearchQuery, { results, total, took_ms, exact, seq }: SearchResponse): SearchPerformed {
  return {
    query: query.text ?? null,
    mode: query.mode ?? "vector",
    k: query.k,
    threshold: query.maxDistance ?? null,
    metadata_filter: query.filter ?? null,
    session_id: query.sessionId ?? null,
    total,
    took_ms,
    exact,
    searched_seq: seq,
    top: results.slice(0, topHits).map(({ chunk_id, document_id, distance }) => ({ chunk_id, document_id, distance })),
  };
}
