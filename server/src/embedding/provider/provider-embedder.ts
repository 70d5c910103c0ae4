import { ArrwError } from "@arrwdb/protocol/errors";
import { normalize } from "@arrwdb/protocol/vector";
import { embedMany, type EmbeddingModel } from "ai";
import type { Embedder, EmbedderLimits, EmbeddingPurpose, EmbedRequest, EmbedResult } from "../embedder.ts";
import { splitBatches } from "./batches.ts";
import { CallQueue } from "./call-queue.ts";
import { isRefusal, providerError } from "./provider-error.ts";

type ProviderOptions = NonNullable<Parameters<typeof embedMany>[0]["providerOptions"]>;

export interface ProviderLimits extends EmbedderLimits {
  /** Characters of all texts of one call, where providers limit the tokens of a call. */
  readonly charactersPerCall: number;
}

export interface ProviderEmbedderOptions {
  readonly id: string;
  readonly dimension: number;
  readonly limits: ProviderLimits;
  readonly model: EmbeddingModel;
  /** The setting that holds the key, for messages. */
  readonly keySetting: string;
  /** What the provider wants to know besides the texts. */
  readonly providerOptions: (purpose: EmbeddingPurpose) => ProviderOptions;
  /** How often a call is tried again after 429, 5xx or a broken connection; a `Retry-After` is honoured. */
  readonly maxRetries: number;
}

/** Calls that a refused batch may cost beyond its first: enough to find a few bad texts in the largest batch. */
const callsToFindBadTexts = 48;

/** A model behind a network interface, reached through the AI SDK. Batches fail apart from each other. */
export class ProviderEmbedder implements Embedder {
  readonly id: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #options: ProviderEmbedderOptions;
  readonly #queue: CallQueue;
  readonly #close = new AbortController();

  constructor(options: ProviderEmbedderOptions) {
    this.id = options.id;
    this.dimension = options.dimension;
    this.limits = options.limits;
    this.#options = options;
    this.#queue = new CallQueue(options.limits.parallelCalls);
  }

  async embed({ texts, purpose, signal }: EmbedRequest): Promise<readonly EmbedResult[]> {
    const ended = signal === undefined ? this.#close.signal : AbortSignal.any([signal, this.#close.signal]);
    ended.throwIfAborted();
    const batches = splitBatches(texts, this.#options.limits);
    const results = await Promise.all(
      batches.map((batch) => this.#batch(batch, purpose, ended, { left: callsToFindBadTexts })),
    );
    return results.flat();
  }

  async close(): Promise<void> {
    this.#close.abort(new ArrwError("shutting_down", "The embedding provider is closed"));
  }

  /**
   * A batch that is refused is halved until the text that the provider objects to stands alone. Where `calls` do not
   * suffice for that, texts that nobody objected to fail with it.
   */
  async #batch(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
    calls: { left: number },
  ): Promise<readonly EmbedResult[]> {
    try {
      const vectors = await this.#queue.run(purpose, signal, () => this.#call(texts, purpose, signal));
      return vectors.map((vector) => this.#check(vector));
    } catch (error) {
      signal.throwIfAborted();
      if (!isRefusal(error) || texts.length === 1 || calls.left < 2) {
        const fault = providerError(error, this.#options);
        return texts.map(() => ({ error: fault }));
      }
      calls.left -= 2;
      const middle = Math.ceil(texts.length / 2);
      const halves = [texts.slice(0, middle), texts.slice(middle)];
      return (await Promise.all(halves.map((half) => this.#batch(half, purpose, signal, calls)))).flat();
    }
  }

  async #call(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> {
    const { model, maxRetries, providerOptions } = this.#options;
    const { embeddings } = await embedMany({
      model,
      values: [...texts],
      maxRetries,
      maxParallelCalls: 1,
      abortSignal: signal,
      providerOptions: providerOptions(purpose),
    });
    if (embeddings.length === texts.length) return embeddings;
    throw new ArrwError("embedder_failed", `${this.id} gave ${embeddings.length} vectors for ${texts.length} texts`);
  }

  #check(embedding: readonly number[]): EmbedResult {
    if (embedding.length !== this.dimension) {
      const message = `${this.id} gave a vector of ${embedding.length} dimensions instead of ${this.dimension}; see ARRWDB_EMBEDDING_DIMENSION`;
      return { error: new ArrwError("embedder_dimension", message) };
    }
    const vector = normalize(embedding);
    if (vector !== undefined) return { vector };
    return { error: new ArrwError("embedder_failed", `${this.id} gave a vector without a direction`) };
  }
}
