import type { DatabaseSync } from "node:sqlite";
import type { CachedEmbedding } from "../../../embedding/embedding-cache.ts";
import { toBlob, vector } from "../../engine/rows/row-values.ts";

/** Cached vectors, by model and text hash. */
export class EmbeddingCacheTable {
  readonly #find;
  readonly #insert;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT vector FROM ledger WHERE model = ? AND hash = ?");
    this.#insert = database.prepare("INSERT OR IGNORE INTO ledger (model, hash, vector) VALUES (?, ?, ?)");
  }

  find(model: string, hash: Uint8Array): Float32Array<ArrayBuffer> | undefined {
    const row = this.#find.get(model, hash);
    return row === undefined ? undefined : vector(row, "vector");
  }

  insert(model: string, entries: readonly CachedEmbedding[]): void {
    for (const entry of entries) this.#insert.run(model, entry.hash, toBlob(entry.vector));
  }
}
