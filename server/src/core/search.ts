import type { Filter } from "@arrwdb/protocol/filter";
import type { SearchResponse } from "@arrwdb/protocol/search";
import { decodeEmbedding, type EmbeddingInput } from "@arrwdb/protocol/vector";
import type { Store } from "../store/store.ts";
import type { LibraryDirectory } from "./library-directory.ts";
import type { Vectorizer } from "./vectorizer.ts";

/** A search as both faces understand it; one of `text` and `embedding` is there. */
export interface Query {
  readonly text?: string | undefined;
  readonly embedding?: EmbeddingInput | undefined;
  readonly k: number;
  readonly maxDistance?: number | null | undefined;
  readonly filter?: Filter | null | undefined;
}

/** Answers searches. */
export class Searches {
  readonly #store: Store;
  readonly #directory: LibraryDirectory;
  readonly #vectorizer: Vectorizer;

  constructor(store: Store, directory: LibraryDirectory, vectorizer: Vectorizer) {
    this.#store = store;
    this.#directory = directory;
    this.#vectorizer = vectorizer;
  }

  async search(libraryId: string, query: Query, signal: AbortSignal): Promise<SearchResponse> {
    const started = performance.now();
    const vector = await this.#vectorOf(libraryId, query, signal);
    const { hits, exact, seq } = await this.#store.search(libraryId, {
      vector,
      k: query.k,
      maxDistance: query.maxDistance ?? undefined,
      filter: query.filter ?? undefined,
    });
    const took = Math.round((performance.now() - started) * 1000) / 1000;
    return { results: [...hits], total: hits.length, seq, took_ms: took, exact };
  }

  async #vectorOf(libraryId: string, query: Query, signal: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
    const library = await this.#directory.get(libraryId);
    if (query.embedding !== undefined) return decodeEmbedding(query.embedding, library.dimension, "embedding");
    const [vector] = await this.#vectorizer.embed(
      library,
      [{ text: query.text ?? "", field: "embedding" }],
      "query",
      signal,
    );
    if (vector === undefined) throw new Error("The embedder answered one text with no result");
    return vector;
  }
}
