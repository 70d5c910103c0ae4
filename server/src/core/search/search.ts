import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Like } from "@arrwdb/protocol/search/like";
import { type FacetFields, facetFieldsOf, type GroupBy } from "@arrwdb/protocol/search/facets";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type Highlight, highlightingOf } from "@arrwdb/protocol/search/highlight";
import type { Include } from "@arrwdb/protocol/search/include";
import {
  defaultHits,
  type FoundHit,
  type RankedHit,
  type SearchMode,
  type SearchRequest,
} from "@arrwdb/protocol/search/search";
import type { EmbeddingInput } from "@arrwdb/protocol/documents/vector";
import type { Choosing, SearchAnswer, StoreSearch, VectorSearch, WholeHits } from "../../store/search-store.ts";
import type { Store } from "../../store/store.ts";
import type { Monitor } from "../../telemetry/monitor.ts";
import { inSpan } from "../../telemetry/span.ts";
import { decodeEmbedding } from "../documents/decode-embedding.ts";
import { FoundResponse, type ResponseWith } from "./found-response.ts";
import type { LibraryDirectory } from "../libraries/library-directory.ts";
import { withCurrentModel } from "../libraries/with-current-model.ts";
import type { PositionWaits } from "./position-waits.ts";
import type { SearchLog } from "./search-log.ts";
import type { Vectorizer } from "../documents/vectorizer.ts";

/** A search, independent of the transport; the fields that its mode requires have been validated. */
export interface SearchQuery {
  /** Default is `vector`. */
  readonly mode?: SearchMode | undefined;
  readonly text?: string | undefined;
  readonly embedding?: EmbeddingInput | undefined;
  /** The document or chunk that hits are to be like. */
  readonly like?: Like | undefined;
  /** For hybrid searches; the default depends on the library's model. */
  readonly vectorWeight?: number | undefined;
  readonly k: number;
  readonly maxDistance?: number | null | undefined;
  readonly filter?: Filter | null | undefined;
  /** Fields whose values are counted. */
  readonly facets?: FacetFields | undefined;
  readonly groupBy?: GroupBy | undefined;
  /** Whether the response has a cursor of the next page. */
  readonly pages?: boolean | undefined;
  /** Where a further page begins; the rest was said by the search of the first one. */
  readonly cursor?: string | undefined;
  /** The fields of hits; all but the vector by default. */
  readonly include?: Include | undefined;
  readonly highlight?: Highlight | undefined;
  /** Whether an estimate will not do. */
  readonly exact?: boolean | undefined;
  /** Whether the response explains how it was found. */
  readonly explain?: boolean | undefined;
  /** The position that the results must include. */
  readonly minSeq?: number | null | undefined;
  /** The room in which to share it. */
  readonly sessionId?: string | null | undefined;
  /** Callers are scheduled fairly. */
  readonly caller?: string | undefined;
}

/** The query of an HTTP request or an MCP tool call. */
export const queryOf = (request: SearchRequest, caller: string, explain?: boolean): SearchQuery => ({
  caller,
  mode: request.mode,
  text: request.query,
  embedding: request.embedding,
  like: request.like,
  vectorWeight: request.vector_weight,
  k: request.k ?? defaultHits,
  pages: request.pages,
  cursor: request.cursor,
  maxDistance: request.distance_threshold,
  filter: request.metadata_filter,
  facets: request.facets,
  groupBy: request.group_by,
  include: request.include,
  highlight: request.highlight,
  minSeq: request.min_seq,
  exact: request.exact,
  explain,
});

/** A response, and its hits as JSON text for transports that send them unchanged. */
export interface Answered<Hit extends FoundHit = FoundHit> {
  readonly response: ResponseWith<Hit>;
  readonly resultsJson: string;
  /** The same of its groups, if there are any. */
  readonly groupsJson: string | undefined;
}

/** What searches are answered with. */
export interface SearchesOptions {
  readonly store: Store;
  readonly directory: LibraryDirectory;
  readonly vectorizer: Vectorizer;
  readonly positions: PositionWaits;
  /** Where searches become events. */
  readonly log: SearchLog;
  readonly monitor: Monitor;
}

/** Answers searches. */
export class Searches {
  readonly #store: Store;
  readonly #directory: LibraryDirectory;
  readonly #vectorizer: Vectorizer;
  readonly #positions: PositionWaits;
  readonly #log: SearchLog;
  readonly #monitor: Monitor;

  constructor({ store, directory, vectorizer, positions, log, monitor }: SearchesOptions) {
    this.#store = store;
    this.#directory = directory;
    this.#vectorizer = vectorizer;
    this.#positions = positions;
    this.#log = log;
    this.#monitor = monitor;
  }

  search(libraryId: string, query: SearchQuery & WholeHits, signal: AbortSignal): Promise<Answered<RankedHit>>;
  search(libraryId: string, query: SearchQuery, signal: AbortSignal): Promise<Answered>;
  async search(libraryId: string, query: SearchQuery, signal: AbortSignal): Promise<Answered> {
    if (query.cursor !== undefined) return this.#page(libraryId, query, query.cursor, signal);
    const started = performance.now();
    const found = await withCurrentModel(this.#directory, libraryId, async () => {
      const search = await this.#prepare(libraryId, query, signal);
      const prepared = performance.now();
      const answer = await inSpan("search", { "arrwdb.k": query.k }, () =>
        this.#search(libraryId, search, query.minSeq ?? 0, signal),
      );
      this.#monitor.searched("store", (performance.now() - prepared) / 1_000);
      return answer;
    });
    const response = new FoundResponse(found, performance.now() - started);
    if ((await this.#directory.get(libraryId)).searchPerformed) await this.#log.record(libraryId, query, response);
    return { response, resultsJson: found.hitsJson, groupsJson: found.groupsJson };
  }

  /** A further page of a search, which was recorded as an event when it was made. */
  async #page(libraryId: string, query: SearchQuery, cursor: string, signal: AbortSignal): Promise<Answered> {
    if (query.explain === true) {
      const message = "explain: is not allowed with a cursor; the first page of a search is explained";
      throw new ArrwError("validation_failed", message, { field: "explain" });
    }
    const started = performance.now();
    const page = { cursor, caller: query.caller };
    const found = await inSpan("search page", {}, () => this.#store.searches.page(libraryId, page, signal));
    const took = performance.now() - started;
    this.#monitor.searched("store", took / 1_000);
    return { response: new FoundResponse(found, took), resultsJson: found.hitsJson, groupsJson: undefined };
  }

  /** Runs something with searches from `prepare`, and again if the library's model has changed meanwhile. */
  withCurrentModel<Value>(libraryId: string, run: () => Promise<Value>): Promise<Value> {
    return withCurrentModel(this.#directory, libraryId, run);
  }

  /** The vector search in the store's form: the client's vector validated, or that of the text computed. */
  async prepare(libraryId: string, query: SearchQuery, signal: AbortSignal): Promise<VectorSearch & Choosing> {
    const { vector, model } = await this.#vectorOf(libraryId, query, signal);
    return { ...sharedOf(query), vector, model, maxDistance: query.maxDistance ?? undefined, exact: query.exact };
  }

  async #prepare(libraryId: string, query: SearchQuery, signal: AbortSignal): Promise<StoreSearch> {
    const { mode = "vector", text = "", vectorWeight, like, minSeq, maxDistance, exact } = query;
    if (like !== undefined) {
      // What it names may be written only now.
      if (typeof minSeq === "number" && minSeq > 0) await this.#positions.reached(libraryId, minSeq, signal);
      return { ...sharedOf(query), mode: "like", like, maxDistance: maxDistance ?? undefined, exact };
    }
    if (mode === "text") return { ...sharedOf(query), mode, text };
    const search = await this.prepare(libraryId, query, signal);
    if (mode === "vector") return search;
    const library = await this.#directory.get(libraryId);
    return { ...search, mode, text, vectorWeight: vectorWeight ?? this.#vectorizer.vectorWeight(library) };
  }

  async #search(libraryId: string, search: StoreSearch, minSeq: number, signal: AbortSignal): Promise<SearchAnswer> {
    const found = await this.#store.searches.search(libraryId, search, signal);
    if (found.seq >= minSeq) return found;
    await this.#positions.reached(libraryId, minSeq, signal);
    return this.#store.searches.search(libraryId, search, signal);
  }

  async #vectorOf(
    libraryId: string,
    query: SearchQuery,
    signal: AbortSignal,
  ): Promise<Pick<VectorSearch, "vector" | "model">> {
    const library = await this.#directory.get(libraryId);
    if (query.embedding !== undefined)
      return { vector: decodeEmbedding(query.embedding, library.dimension, "embedding") };
    const started = performance.now();
    const [vector] = await this.#vectorizer.embed(library, [{ text: query.text ?? "", field: "embedding" }], {
      purpose: "query",
      signal,
      flow: query.caller,
    });
    this.#monitor.searched("embed", (performance.now() - started) / 1_000);
    if (vector === undefined) throw new Error("The embedder returned no result for the query");
    return { vector, model: library.embeddingModel };
  }
}

const sharedOf = ({ text, k, pages, filter, facets, groupBy, include, highlight, explain, caller }: SearchQuery) => ({
  k,
  pages,
  filter: filter ?? undefined,
  facets: facets && facetFieldsOf(facets),
  groupBy,
  include,
  highlight: highlightingOf(highlight, text),
  explain,
  caller,
});
