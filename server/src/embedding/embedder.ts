import type { Flow } from "../scheduling/fair-queue.ts";

/** Whether the texts are documents or queries; some models embed the two differently. */
export type EmbeddingPurpose = "document" | "query";

export interface EmbedderLimits {
  /** Maximum of texts per native call; `embed` accepts more and splits them. */
  readonly textsPerCall: number;
  /** Maximum of concurrent calls; further ones are queued, queries before documents. */
  readonly parallelCalls: number;
}

export interface EmbedRequest {
  /** At least one text, each well-formed Unicode and not empty. */
  readonly texts: readonly string[];
  readonly purpose: EmbeddingPurpose;
  /**
   * The source of the texts, such as one upload. Queued texts are scheduled fairly: flows alternate with calls of about
   * the same size, regardless of arrival order and queue length. Requests without a flow share one.
   */
  readonly flow?: Flow;
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The result of one text: texts of one request fail independently. */
export type EmbedResult = { readonly vector: Float32Array<ArrayBuffer> } | { readonly error: Error };

/** A model that turns texts into vectors. */
export interface Embedder {
  /** Recorded by libraries as `embedding_model`, such as `builtin` or `cohere:embed-english-v3.0`. */
  readonly id: string;
  /**
   * The `id`, plus what distinguishes models that share it, such as the provider's address: the same text and purpose
   * have the same vector if identity and dimension are the same. Contains no secret, and is stable across restarts.
   */
  readonly identity: string;
  readonly dimension: number;
  readonly limits: EmbedderLimits;

  /**
   * One result for each text, in the order of the texts. Vectors have `dimension` finite numbers and length 1.
   * The same text, purpose and model give the same vector up to rounding, whatever it is batched with.
   * If the model or provider fails for some texts (after retries), only those have an `ArrwError` with one of the
   * `embedder_*` codes; the others have their vectors. Rejects only if `signal` aborts or the embedder is closed.
   */
  embed(request: EmbedRequest): Promise<readonly EmbedResult[]>;

  /** Ends threads and connections. Calls in progress are rejected with `shutting_down`. Safe to call twice. */
  close(): Promise<void>;
}
