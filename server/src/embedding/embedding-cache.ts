/** The durable memory of vectors once computed, so that the same text is never embedded twice. */
export interface EmbeddingCache {
  /**
   * The vectors known for these texts, in their order; undefined where none is.
   *
   * @param model identifies the model and everything else that shapes its vectors.
   * @param hashes SHA-256 of each text's UTF-8 bytes.
   */
  get(model: string, hashes: readonly Uint8Array[]): Promise<readonly (Float32Array<ArrayBuffer> | undefined)[]>;

  /** Keeps vectors durably. An entry that exists already is left as it is. */
  put(model: string, entries: readonly CachedEmbedding[]): Promise<void>;
}

export interface CachedEmbedding {
  readonly hash: Uint8Array;
  readonly vector: Float32Array<ArrayBuffer>;
}
