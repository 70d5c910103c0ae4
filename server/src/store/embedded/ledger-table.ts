import type { DatabaseSync } from "node:sqlite";
import { toBlob, vector } from "./rows.ts";

export interface LedgerRow {
  readonly hash: Uint8Array;
  readonly vector: Float32Array<ArrayBuffer>;
}

/** Vectors once computed, by model and text hash. */
export class LedgerTable {
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

  insert(model: string, entries: readonly LedgerRow[]): void {
    for (const entry of entries) this.#insert.run(model, entry.hash, toBlob(entry.vector));
  }
}
