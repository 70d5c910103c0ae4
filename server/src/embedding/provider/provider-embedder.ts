import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { normalize } from "@arrwdb/protocol/documents/vector";
import { embedMany, type EmbeddingModel } from "ai";
import type { Embedder, EmbedderLimits, EmbeddingPurpose, EmbedRequest, EmbedResult } from "../embedder.ts";
import { batchLength, halve } from "./text-batches.ts";
import { CallQueue } from "./call-queue.ts";
import { providerError } from "./provider-error.ts";
import { mayBeOneText } from "./provider-refusal.ts";
import { withRetries } from "./retries.ts";
import { type PendingText, TextRequest } from "./text-request.ts";

type ProviderOptions = NonNullable<Parameters<typeof embedMany>[0]["providerOptions"]>;

export interface ProviderLimits extends EmbedderLimits {
  /** Maximum of characters per call, as providers limit the tokens of a call. */
  readonly charactersPerCall: number;
}

/** A text that any model accepts: if it is refused too, the texts are not the cause. */
const harmlessText = "text";

export type TokenListener = (model: string, tokens: number) => void;

export interface ProviderEmbedderOptions {
  readonly id: string;
  readonly identity: string;
  readonly dimension: number;
  readonly limits: ProviderLimits;
  /** The SDK's model for texts of this purpose. */
  readonly model: (purpose: EmbeddingPurpose) => EmbeddingModel;
  /** Prefix for each text of this purpose; empty for models that need none. */
  readonly prefix: (purpose: EmbeddingPurpose) => string;
  /** The name of the setting with the key, for messages. */
  readonly keySetting: string;
  readonly key: string | undefined;
  /** Additional provider options, if the SDK's model supports them. */
  readonly providerOptions?: (purpose: EmbeddingPurpose) => ProviderOptions;
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
    const pending = new TextRequest(request, this.#options.prefix(purpose));
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
    this.#queue.remove(request.flow, request.texts);
  }

  async #run(texts: readonly PendingText[], purpose: EmbeddingPurpose, signal: AbortSignal): Promise<void> {
    const suspected = texts[0]?.suspects !== undefined;
    try {
      const asked = texts.map(({ text }) => text);
      const vectors = await this.#call(asked, purpose, signal, suspected);
      for (const [index, { settle }] of texts.entries()) settle(this.#check(vectors[index] ?? []));
    } catch (error) {
      const cause = texts.length === 1 ? error : await this.#unlessOfOneText(error, purpose, signal, suspected);
      if (signal.aborted) return;
      const halves = cause === undefined ? halve(texts) : undefined;
      for (const half of halves ?? []) this.#queue.add(purpose, half[0]?.request.flow, half);
      if (halves !== undefined) return;
      const fault = providerError(cause ?? error, this.#options);
      for (const { settle } of texts) settle({ error: fault });
    }
  }

  /**
   * Why a batch failed, or undefined if one of its texts may be the cause, as the provider accepts another text. A
   * provider that refuses everything, such as a misconfigured one, is not called for each text separately.
   */
  async #unlessOfOneText(
    error: unknown,
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
    suspected: boolean,
  ): Promise<unknown> {
    if (!mayBeOneText(error)) return error;
    if (suspected) return undefined;
    try {
      await this.#call([this.#options.prefix(purpose) + harmlessText], purpose, signal, true);
      return undefined;
    } catch (failure) {
      return mayBeOneText(failure) ? error : failure;
    }
  }

  async #call(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
    suspected: boolean,
  ): Promise<readonly (readonly number[])[]> {
    const { model, maxRetries, providerOptions } = this.#options;
    const call = () =>
      embedMany({
        model: model(purpose),
        values: [...texts],
        // The SDK ignores a requested delay of more than a minute.
        maxRetries: 0,
        maxParallelCalls: 1,
        abortSignal: signal,
        ...(providerOptions === undefined ? {} : { providerOptions: providerOptions(purpose) }),
      });
    const { embeddings, usage } = await withRetries(call, { maxRetries, signal, suspected });
    // Providers that count none are given as NaN.
    if (usage.tokens > 0) this.#options.onTokens?.(this.id, usage.tokens);
    if (embeddings.length === texts.length) return embeddings;
    throw new ArrwError(
      "embedder_failed",
      `${this.id} returned ${embeddings.length} vectors for ${texts.length} texts`,
    );
  }

  #check(embedding: readonly number[]): EmbedResult {
    if (embedding.length !== this.dimension) {
      const message = `${this.id} returned a vector with ${embedding.length} dimensions instead of ${this.dimension}; check ARRWDB_EMBEDDING_DIMENSION`;
      return { error: new ArrwError("embedder_dimension", message) };
    }
    const vector = normalize(embedding);
    if (vector !== undefined) return { vector };
    return { error: new ArrwError("embedder_failed", `${this.id} returned a zero or non-finite vector`) };
  }
}

const closed = () => new ArrwError("shutting_down", "The embedding provider is closed");
