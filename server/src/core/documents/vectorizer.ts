import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { paired } from "../../util/pair-lists.ts";
import type { EmbeddingPurpose } from "../../embedding/embedder.ts";
import type { EmbedderRegistry } from "../../embedding/embedder-registry.ts";
import type { Flow } from "../../scheduling/fair-queue.ts";
import type { LibraryFacts } from "../libraries/library-directory.ts";

export interface TextToEmbed {
  readonly text: string;
  /** Where the vector could have stood instead, for messages. */
  readonly field: string;
}

export interface VectorizeOptions {
  readonly purpose: EmbeddingPurpose;
  readonly signal: AbortSignal;
  /** Whom the texts are embedded for; see `EmbedRequest`. */
  readonly flow?: Flow;
}

/** Gives texts the vectors of their library's model. */
export class Vectorizer {
  readonly #embedders: EmbedderRegistry;
  /** Milliseconds that a search may wait for the vector of its text. */
  readonly #queryTimeout: number;

  constructor(embedders: EmbedderRegistry, queryTimeout: number) {
    this.#embedders = embedders;
    this.#queryTimeout = queryTimeout;
  }

  /**
   * One vector for each text. If one fails, all do, with the first error: a document is written whole or not at all.
   *
   * @throws ArrwError `text_not_searchable` for a library without a model, or one of the `embedder_*` codes.
   */
  async embed(
    library: LibraryFacts,
    texts: readonly TextToEmbed[],
    { purpose, signal, flow }: VectorizeOptions,
  ): Promise<readonly Float32Array<ArrayBuffer>[]> {
    const first = texts[0];
    if (first === undefined) return [];
    if (library.embeddingModel === undefined) {
      const message = `${first.field}: is required because the library has no embedding model; send a vector with ${library.dimension} dimensions`;
      throw new ArrwError("text_not_searchable", message, { field: first.field });
    }
    const embedder = this.#embedders.resolve(library.embeddingModel);
    if (embedder.dimension !== library.dimension) {
      const message = `The model ${embedder.id} returns ${embedder.dimension}-dimensional vectors, but the library's dimension is ${library.dimension}`;
      throw new ArrwError("embedder_dimension", message);
    }
    const request = { texts: texts.map(({ text }) => text), purpose, flow };
    const results =
      purpose === "document"
        ? await embedder.embed({ ...request, signal })
        : await this.#within(embedder.id, signal, (bounded) => embedder.embed({ ...request, signal: bounded }));
    return paired(texts, results, embedder.id).map(([, result]) => {
      if ("error" in result) throw result.error;
      return result.vector;
    });
  }

  /** The default weight of vectors in hybrid searches of this library. */
  vectorWeight({ embeddingModel }: LibraryFacts): number {
    return this.#embedders.vectorWeight(embeddingModel);
  }

  /** A person waits for a query; documents may queue behind others for as long as their upload lives. */
  async #within<Value>(
    model: string,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const bounded = new AbortController();
    const leave = () => bounded.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    const timer = setTimeout(() => {
      const message = `The embedding model ${model} did not respond within ${this.#queryTimeout / 1000} seconds`;
      bounded.abort(new ArrwError("embedder_timeout", message, { retryAfter: 5 }));
    }, this.#queryTimeout);
    try {
      return await run(bounded.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
    }
  }
}
