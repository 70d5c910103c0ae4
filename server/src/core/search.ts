import type { Filter } from "@arrwdb/protocol/filter";
import type { SearchRequest, SearchResponse } from "@arrwdb/protocol/search";
import type { EmbeddingInput } from "@arrwdb/protocol/vector";
import type { Store, StoreHits, StoreSearch } from "../store/store.ts";
import { decodeEmbedding } from "./decode-embedding.ts";
import type { LibraryDirectory } from "./library-directory.ts";
import type { Positions } from "./positions.ts";
import type { SearchLog } from "./search-log.ts";
import type { Vectorizer } from "./vectorizer.ts";

/** A search as both faces understand it; one of `text` and `embedding` is there. */
export interface Query {
  readonly text?: string | undefined;
  readonly embedding?: EmbeddingInput | undefined;
  readonly k: number;
  readonly maxDistance?: number | null | undefined;
  readonly filter?: Filter | null | undefined;
  /** Whether an estimate will not do. */
  readonly exact?: boolean | undefined;
  /** Whether the answer should tell how it was found. */
  readonly explain?: boolean | undefined;
  /** The position that the answer has to show. */
  readonly minSeq?: number | null | undefined;
  /** The room that it is shared in. */
  readonly sessionId?: string | null | undefined;
}

/** What a request over HTTP, or of a tool, asks for. */
export const queryOf = (request: SearchRequest, explain?: boolean): Query => ({
  text: request.query,
  embedding: request.embedding,
  k: request.k,
  maxDistance: request.distance_threshold,
  filter: request.metadata_filter,
  minSeq: request.min_seq,
  exact: request.exact,
  explain,
});

/** Answers searches. */
export class Searches {
  readonly #store: Store;
  readonly #directory: LibraryDirectory;
  readonly #vectorizer: Vectorizer;
  readonly #positions: Positions;
  readonly #log: SearchLog;

  constructor(store: Store, directory: LibraryDirectory, vectorizer: Vectorizer, positions: Positions, log: SearchLog) {
    this.#store = store;
    this.#directory = directory;
    this.#vectorizer = vectorizer;
    this.#positions = positions;
    this.#log = log;
  }

  async search(libraryId: string, query: Query, signal: AbortSignal): Promise<SearchResponse> {
    const started = performance.now();
    const search = await this.prepare(libraryId, query, signal);
    const { hits, exact, seq, explanation } = await this.#search(libraryId, search, query.minSeq ?? 0, signal);
    const took = Math.round((performance.now() - started) * 1000) / 1000;
    const response: SearchResponse = { results: [...hits], total: hits.length, seq, took_ms: took, exact, explanation };
    if ((await this.#directory.get(libraryId)).searchPerformed) await this.#log.record(libraryId, query, response);
    return response;
  }

  /** The search as the store takes it: the client's vector checked, or that of its text computed. */
  async prepare(libraryId: string, query: Query, signal: AbortSignal): Promise<StoreSearch> {
    const vector = await this.#vectorOf(libraryId, query, signal);
    const { k, exact, explain } = query;
    return {
      vector,
      k,
      maxDistance: query.maxDistance ?? undefined,
      filter: query.filter ?? undefined,
      exact,
      explain,
    };
  }

  async #search(libraryId: string, search: StoreSearch, minSeq: number, signal: AbortSignal): Promise<StoreHits> {
    const found = await this.#store.search(libraryId, search);
    if (found.seq >= minSeq) return found;
    await this.#positions.reached(libraryId, minSeq, signal);
    return this.#store.search(libraryId, search);
  }

  async #vectorOf(libraryId: string, query: Query, signal: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
    const library = await this.#directory.get(libraryId);
    if (query.embedding !== undefined) return decodeEmbedding(query.embedding, library.dimension, "embedding");
    const [vector] = await this.#vectorizer.embed(library, [{ text: query.text ?? "", field: "embedding" }], {
      purpose: "query",
      signal,
    });
    if (vector === undefined) throw new Error("The embedder answered one text with no result");
    return vector;
  }
}
