import type { EmbeddingCache, CachedEmbedding } from "../../../server/src/embedding/embedding-cache.ts";

/** A cache that tells what it was asked, and fails while `fault` is set. */
export class MemoryEmbeddingCache implements EmbeddingCache {
  readonly #vectors = new Map<string, Float32Array<ArrayBuffer>>();
  recalls = 0;
  fault: Error | undefined;

  get size(): number {
    return this.#vectors.size;
  }

  async get(model: string, hashes: readonly Uint8Array[]): Promise<readonly (Float32Array<ArrayBuffer> | undefined)[]> {
    this.recalls++;
    if (this.fault !== undefined) throw this.fault;
    return hashes.map((hash) => this.#vectors.get(keyOf(model, hash)));
  }

  async put(model: string, entries: readonly CachedEmbedding[]): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    for (const { hash, vector } of entries) {
      const key = keyOf(model, hash);
      if (!this.#vectors.has(key)) this.#vectors.set(key, vector.slice());
    }
  }
}

const keyOf = (model: string, hash: Uint8Array) => `${model} ${Buffer.from(hash).toString("hex")}`;
