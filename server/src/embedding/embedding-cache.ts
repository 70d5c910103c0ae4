/** The durable memory of vectors once computed, so that the same text is never embedded twice. */
export interface EmbeddingCache {
  /**
   * The cached vectors of these texts, in their order; undefined for those not cached.
   *
   * @param model identifies the model and everything else that shapes its vectors.
   * @param hashes SHA-256 of each text's UTF-8 bytes.
   */
  get(model: string, hashes: readonly Uint8Array[]): Promise<readonly (Float32Array<ArrayBuffer> | undefined)[]>;

  /** Stores vectors durably. Existing entries are unchanged. */
  put(model: string, entries: readonly CachedEmbedding[]): Promise<void>;
}

export interface CachedEmbedding {
  readonly hash: Uint8Array;
  readonly vector: Float32Array<ArrayBuffer>;
}
