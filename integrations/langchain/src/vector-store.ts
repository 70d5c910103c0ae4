import type { DocumentInterface } from "@langchain/core/documents";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { maximalMarginalRelevance } from "@langchain/core/utils/math";
import { type MaxMarginalRelevanceSearchOptions, VectorStore } from "@langchain/core/vectorstores";
import {
  type AnyPagedQuery,
  type ArrwClient,
  ArrwClientError,
  type CreateLibrary,
  type DocumentInput,
  type Failure,
  type Filter,
  type LibraryHandle,
  type RankedHit,
  type RankedQuery,
  type SearchQuery,
} from "arrwdb-client";
import { firstHits } from "./first-hits.ts";
import { fromHit, toArrw } from "./documents.ts";
import { ServerEmbeddings } from "./server-embeddings.ts";
import { ArrwStoreError } from "./store-error.ts";

export type SearchMode = SearchQuery["mode"] | RankedQuery["mode"];

export interface ArrwVectorStoreConfig {
  readonly client: ArrwClient;
  /** The library to use. */
  readonly libraryId: string;
  /** The search mode if the server embeds. Default is `"vector"`. */
  readonly mode?: SearchMode;
}

/** An existing library, or the settings of a new one. Default `name` is "LangChain". */
type Place =
  | ArrwVectorStoreConfig
  | (Omit<ArrwVectorStoreConfig, "libraryId"> & {
      readonly libraryId?: undefined;
      readonly library?: Partial<CreateLibrary>;
    });

export interface AddOptions {
  /** Any texts of 1 to 512 bytes, one per document; an existing document is replaced. They take precedence over `document.id`. */
  readonly ids?: readonly (string | undefined)[] | undefined;
}

/** What to delete: one of these. */
export interface DeleteParameters {
  readonly ids?: readonly string[] | undefined;
  readonly filter?: Filter | undefined;
  readonly deleteAll?: boolean | undefined;
}

/** Deletions under way at the same time. */
const deletions = 8;

/**
 * An arrwDB library as a vector store. Without embeddings, the server embeds texts; with embeddings, the library must
 * have their dimension. Scores are cosine similarities: 1 is the same direction, -1 the opposite. In the
 * modes `"text"` and `"hybrid"` they are the server's, by which it orders: BM25, and 0 to 1. Methods reject with
 * `ArrwClientError`.
 */
export class ArrwVectorStore extends VectorStore {
  declare FilterType: Filter;
  readonly library: LibraryHandle;
  readonly #embeds: boolean;
  readonly #mode: SearchMode;

  /** @param embeddings undefined if the server embeds */
  constructor(embeddings: EmbeddingsInterface | undefined, config: ArrwVectorStoreConfig) {
    // The client holds what no serialisation should: addresses and keys.
    super(embeddings ?? new ServerEmbeddings(), { libraryId: config.libraryId });
    this.library = config.client.library(config.libraryId);
    this.#embeds = embeddings !== undefined;
    this.#mode = config.mode;
  }

  /** The store of an existing library. @throws ArrwClientError `library_not_found` */
  static async fromExistingLibrary(
    embeddings: EmbeddingsInterface | undefined,
    config: ArrwVectorStoreConfig,
  ): Promise<ArrwVectorStore> {
    await config.client.libraries.get(config.libraryId);
    return new ArrwVectorStore(embeddings, config);
  }

  /** Stores the documents in the library of `libraryId`, or in a new one, which `library.id` names. */
  static override async fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface | undefined,
    place: Place,
  ): Promise<ArrwVectorStore> {
    const store = new ArrwVectorStore(embeddings, await libraryOf(embeddings, place));
    await store.addDocuments(documents);
    return store;
  }

  /** As `fromDocuments`; one object of metadata is that of all texts. */
  static override async fromTexts(
    texts: string[],
    metadatas: object | object[],
    embeddings: EmbeddingsInterface | undefined,
    place: Place,
  ): Promise<ArrwVectorStore> {
    const documents = texts.map((pageContent, index) => ({
      pageContent,
      metadata: { ...(Array.isArray(metadatas) ? metadatas[index] : metadatas) },
    }));
    return ArrwVectorStore.fromDocuments(documents, embeddings, place);
  }

  override _vectorstoreType(): string {
    return "arrwdb";
  }

  /**
   * Stores documents, embedded by the server or by the embeddings. When it resolves, they are on disk and searchable.
   *
   * @returns their ids, in their order
   * @throws ArrwStoreError if some could not be stored
   */
  override async addDocuments(documents: DocumentInterface[], options: AddOptions = {}): Promise<string[]> {
    if (!this.#embeds) return this.#store(documents, [], options);
    const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent));
    return this.addVectors(vectors, documents, options);
  }

  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    options: AddOptions = {},
  ): Promise<string[]> {
    if (vectors.length !== documents.length) {
      throw new TypeError(`There are ${vectors.length} vectors for ${documents.length} documents; pass one for each`);
    }
    return this.#store(documents, vectors, options);
  }

  /**
   * Deletes documents by their ids, by a filter, or all of them. Ids that do not exist are ignored, whatever their form.
   *
   * @throws TypeError unless exactly one of the three is given
   */
  override async delete({ ids, filter, deleteAll }: DeleteParameters): Promise<void> {
    const given = [ids, filter, deleteAll === true ? true : undefined].filter((one) => one !== undefined);
    if (given.length !== 1) throw new TypeError("Pass exactly one of ids, filter and deleteAll: true");
    if (deleteAll === true) await this.library.deleteMatching({}, { confirm: "all" });
    else if (filter !== undefined) await this.library.deleteMatching(filter);
    else await this.#deleteEach(ids ?? []);
  }

  async #deleteEach(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += deletions) {
      await Promise.all(ids.slice(start, start + deletions).map((id) => this.#delete(id)));
    }
  }

  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: Filter,
  ): Promise<[DocumentInterface, number][]> {
    return this.#search({ embedding: query, metadata_filter: filter }, k);
  }

  override async similaritySearchWithScore(
    query: string,
    k = 4,
    filter?: Filter,
  ): Promise<[DocumentInterface, number][]> {
    return this.#embeds
      ? this.similaritySearchVectorWithScore(await this.embeddings.embedQuery(query), k, filter)
      : this.#searchText(query, k, filter);
  }

  override async similaritySearch(query: string, k = 4, filter?: Filter): Promise<DocumentInterface[]> {
    return (await this.similaritySearchWithScore(query, k, filter)).map(([document]) => document);
  }

  /**
   * Results that are relevant to the query and diverse. The texts found are embedded again, so this requires
   * embeddings.
   */
  override async maxMarginalRelevanceSearch(
    query: string,
    { k, fetchK = 20, lambda = 0.5, filter }: MaxMarginalRelevanceSearchOptions<Filter>,
  ): Promise<DocumentInterface[]> {
    const vector = await this.embeddings.embedQuery(query);
    const found = await this.#search({ embedding: vector, metadata_filter: filter }, Math.max(k, fetchK));
    const documents = found.map(([document]) => document);
    const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent));
    return maximalMarginalRelevance(vector, vectors, lambda, k).flatMap((index) => documents[index] ?? []);
  }

  async #store(
    documents: readonly DocumentInterface[],
    vectors: readonly number[][],
    { ids }: AddOptions,
  ): Promise<string[]> {
    const inputs = documents.map((document, index): DocumentInput =>
      toArrw(document, ids?.[index] ?? document.id, vectors[index]),
    );
    const stored: string[] = [];
    const failures: Failure[] = [];
    for await (const result of this.library.ingest(inputs)) {
      if (result.success) stored.push(result.document_id);
      else failures.push(result);
    }
    if (failures.length > 0) throw new ArrwStoreError(failures, stored);
    return stored;
  }

  async #search(query: AnyPagedQuery, k: number): Promise<[DocumentInterface, number][]> {
    const hits = await firstHits(this.library, query, k);
    return hits.map(scored);
  }

  async #searchText(query: string, k: number, filter: Filter | undefined): Promise<[DocumentInterface, number][]> {
    const mode = this.#mode ?? "vector";
    const request = { query, metadata_filter: filter };
    return this.#search(mode === "vector" ? request : { ...request, mode }, k);
  }

  async #delete(id: string): Promise<void> {
    try {
      await this.library.delete(id);
    } catch (error) {
      if (!(error instanceof ArrwClientError) || !isOfNoDocument(id, error)) throw error;
    }
  }
}

/** Whether there is no document with this id, or can be none. */
const isOfNoDocument = (id: string, { code }: ArrwClientError) =>
  code === "document_not_found" || (code === "validation_failed" && id !== "." && id !== "..");

/** The document with the score that its place comes from. */
const scored = (hit: RankedHit): [DocumentInterface, number] => [fromHit(hit), hit.score ?? 1 - (hit.distance ?? 1)];

/** The library that is named, or a new one, which takes vectors of the embeddings' dimension where there are any. */
async function libraryOf(embeddings: EmbeddingsInterface | undefined, place: Place): Promise<ArrwVectorStoreConfig> {
  if (place.libraryId !== undefined) return place;
  const { client, mode, library } = place;
  const vectors =
    embeddings === undefined
      ? {}
      : { embedding_model: "none", dimension: (await embeddings.embedQuery("How many numbers?")).length };
  const { id } = await client.libraries.create({ name: "LangChain", ...vectors, ...library });
  return { client, mode, libraryId: id };
}
