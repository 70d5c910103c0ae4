import type { SearchOptions } from "../library-options.ts";
import type { RequestOptions } from "../options.ts";
import { withWireVector } from "../vector.ts";
import type {
  AnswerWith,
  AnyChosenQuery,
  ChosenPagedQuery,
  ChosenRankedQuery,
  ChosenSearchQuery,
  HitWith,
  SearchBatchResponse,
} from "../chosen-hits.ts";
import type {
  AnyPagedQuery,
  AnyQuery,
  FoundHit,
  HitField,
  PagedQuery,
  RankedHit,
  RankedSearchResponse,
  SearchHit,
  SearchQuery,
  SearchResponse,
} from "../wire.ts";
import type { Http } from "./http.ts";
import { searchPages } from "./search-pages.ts";

/** Searches of one library. */
export class LibrarySearches {
  readonly #http: Http;
  readonly #path: string;

  /** @internal */
  constructor(http: Http, path: string) {
    this.#http = http;
    this.#path = path;
  }

  /**
   * Searches by vector, or with `mode` by keyword or both.
   *
   * @example
   * ```ts
   * const { results } = await library.search({ query: "how can I pay?", k: 3, metadata_filter: { views: { $gte: 100 } } });
   * for (const { document, text, distance } of results) console.log(document.title, text, distance);
   * ```
   *
   * @example
   * ```ts
   * const { facets } = await library.search({ query: "how can I pay?", facets: ["author", { field: "views", limit: 3 }] });
   * for (const { value, count } of facets?.["author"]?.values ?? []) console.log(value, count);
   * ```
   *
   * @example
   * ```ts
   * const { groups } = await library.search({ query: "how can I pay?", k: 5, group_by: { field: "document_id", hits: 2 } });
   * for (const { value, results } of groups ?? []) console.log(value, results.length);
   * ```
   *
   * @example
   * ```ts
   * const { results } = await library.search({ query: "how can I pay?", include: ["document.title"], highlight: true });
   * for (const { document, highlights } of results) console.log(document.title, highlights?.text);
   * ```
   */
  search(query: string | SearchQuery, options?: SearchOptions): Promise<SearchResponse>;
  search<const Names extends readonly HitField[]>(
    query: ChosenSearchQuery<Names>,
    options?: SearchOptions,
  ): Promise<AnswerWith<HitWith<SearchHit, Names>>>;
  search(query: string | AnyQuery, options?: SearchOptions): Promise<RankedSearchResponse>;
  search<const Names extends readonly HitField[]>(
    query: ChosenRankedQuery<Names>,
    options?: SearchOptions,
  ): Promise<AnswerWith<HitWith<RankedHit, Names>>>;
  search(query: string | AnyChosenQuery, options?: SearchOptions): Promise<AnswerWith<FoundHit>>;
  async search(query: string | AnyChosenQuery, { explain, ...options }: SearchOptions = {}): Promise<unknown> {
    const body = typeof query === "string" ? { query } : withWireVector(query);
    return this.#http.json("POST", `${this.#path}/search`, { ...options, body, query: { explain } });
  }

  /**
   * All hits of a search, up to 10,000, read in pages of `k`: those of the position of the first page, whatever is written.
   *
   * @example
   * ```ts
   * for await (const { text, rank } of library.searchAll({ query: "how can I pay?", k: 100 })) console.log(rank, text);
   * ```
   */
  searchAll(query: string | PagedQuery, options?: SearchOptions): AsyncGenerator<SearchHit, void>;
  searchAll(query: string | AnyPagedQuery, options?: SearchOptions): AsyncGenerator<RankedHit, void>;
  searchAll<const Names extends readonly HitField[]>(
    query: ChosenPagedQuery<Names>,
    options?: SearchOptions,
  ): AsyncGenerator<HitWith<RankedHit, Names>, void>;
  async *searchAll(
    query: string | AnyPagedQuery | ChosenPagedQuery<readonly HitField[]>,
    options: SearchOptions = {},
  ): AsyncGenerator<unknown, void> {
    for await (const { results } of searchPages(this, query, options)) yield* results;
  }

  /** The same, page by page; `truncated` in each tells whether more match than pages can have. */
  searchPages(query: string | PagedQuery, options?: SearchOptions): AsyncGenerator<SearchResponse, void>;
  searchPages(query: string | AnyPagedQuery, options?: SearchOptions): AsyncGenerator<RankedSearchResponse, void>;
  searchPages<const Names extends readonly HitField[]>(
    query: ChosenPagedQuery<Names>,
    options?: SearchOptions,
  ): AsyncGenerator<AnswerWith<HitWith<RankedHit, Names>>, void>;
  searchPages(
    query: string | AnyPagedQuery | ChosenPagedQuery<readonly HitField[]>,
    options: SearchOptions = {},
  ): AsyncGenerator<unknown, void> {
    return searchPages(this, query, options);
  }

  /**
   * Makes several searches, up to 100, in one request. An answer with `success: false` is the error of its search.
   *
   * @example
   * ```ts
   * const { answers } = await library.searchBatch([{ query: "how can I pay?" }, { query: "parcel", mode: "text" }]);
   * for (const answer of answers) if ("results" in answer) console.log(answer.results[0]?.document.title);
   * ```
   */
  searchBatch(queries: readonly AnyQuery[], options?: RequestOptions): Promise<SearchBatchResponse>;
  searchBatch(queries: readonly AnyChosenQuery[], options?: RequestOptions): Promise<SearchBatchResponse<FoundHit>>;
  async searchBatch(
    queries: readonly AnyChosenQuery[],
    options: RequestOptions = {},
  ): Promise<SearchBatchResponse<FoundHit>> {
    const searches = queries.map((query) => withWireVector(query));
    return this.#http.json("POST", `${this.#path}/search/batch`, { ...options, body: { searches } });
  }
}
