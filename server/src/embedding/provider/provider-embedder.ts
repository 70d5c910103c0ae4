import { ArrwError } from "@arrwdb/protocol/errors";
import { normalize } from "@arrwdb/protocol/vector";
import { embedMany, type EmbeddingModel } from "ai";
import type { Embedder, EmbedderLimits, EmbeddingPurpose, EmbedRequest, EmbedResult } from "../embedder.ts";
import { batchLength, halve } from "./batches.ts";
import { CallQueue } from "./call-queue.ts";
import { isRefusal, providerError } from "./provider-error.ts";
import { type PendingText, TextRequest } from "./text-request.ts";

type ProviderOptions = NonNullable<Parameters<typeof embedMany>[0]["providerOptions"]>;

export interface ProviderLimits extends EmbedderLimits {
  /** Characters of all texts of one call, where providers limit the tokens of a call. */
  readonly charactersPerCall: number;
}

export type TokenListener = (model: string, tokens: number) => void;

export interface ProviderEmbedderOptions {
  readonly id: string;
  readonly identity: string;
  readonly dimension: number;
  readonly limits: ProviderLimits;
  readonly model: EmbeddingModel;
  /** The setting that holds the key, for messages. */
  readonly keySetting: string;
  /** What the provider wants to know besides the texts. */
  readonly providerOptions: (purpose: EmbeddingPurpose) => ProviderOptions;
  /** How often a call is tried again after 429, 5xx or a broken connection; a `Retry-After` is honoured. */
  readonly maxRetries: number;
  /** Told of the tokens that the provider has counted. */
  readonly onTokens?: TokenListener | undefined;
}

/** A model behind a network interface, reached through the AI SDK. Calls fail apart from each other. */
export class ProviderEmbedder implements Embedder {
  readonly id: string;
  readonly identity: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;
  readonly #options: ProviderEmbedderOptions;
  readonly #queue: CallQueue<PendingText>;
  readonly #requests = new Set<TextRequest>();
  #closed = false;

  constructor(options: ProviderEmbedderOptions) {
    const { limits } = options;
    this.id = options.id;
    this.identity = options.identity;
    this.dimension = options.dimension;
    this.limits = limits;
    this.#options = options;
    this.#queue = new CallQueue({
      parallelCalls: limits.parallelCalls,
      length: (texts) => batchLength(texts, limits),
      run: (texts, purpose, signal) => this.#run(texts, purpose, signal),
    });
  }

  async embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    const { signal, purpose, flow } = request;
    if (this.#closed) throw closed();
    signal?.throwIfAborted();
    const pending = new TextRequest(request);
    const leave = () => this.#abandon(pending, signal?.reason);
    signal?.addEventListener("abort", leave, { once: true });
    this.#requests.add(pending);
    try {
      this.#queue.add(purpose, flow, pending.texts);
      return await pending.results;
    } finally {
      signal?.removeEventListener("abort", leave);
      this.#requests.delete(pending);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const request of this.#requests) this.#abandon(request, closed());
  }

  #abandon(request: TextRequest, reason: unknown): void {
    request.abandon(reason);
    this.#queue.remove(request.texts);
  }

  async #run(texts: readonly PendingText[], purpose: EmbeddingPurpose, signal: AbortSignal): Promise<void> {
    try {
      const vectors = await this.#call(
        texts.map(({ text }) => text),
        purpose,
        signal,
      );
      for (const [index, { settle }] of texts.entries()) settle(this.#check(vectors[index] ?? []));
    } catch (error) {
      if (signal.aborted) return;
      const halves = isRefusal(error) ? halve(texts) : undefined;
      for (const half of halves ?? []) this.#queue.add(purpose, half[0]?.request.flow, half);
      if (halves !== undefined) return;
      const fault = providerError(error, this.#options);
      for (const { settle } of texts) settle({ error: fault });
    }
  }

  async #call(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> {
    const { model, maxRetries, providerOptions } = this.#options;
    const { embeddings, usage } = await embedMany({
      model,
      values: [...texts],
      maxRetries,
      maxParallelCalls: 1,
      abortSignal: signal,
      providerOptions: providerOptions(purpose),
    });
    // Providers that count none are given as NaN.
    if (usage.tokens > 0) this.#options.onTokens?.(this.id, usage.tokens);
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

const closed = () => new ArrwError("shutting_down", "The embedding provider is closed");
