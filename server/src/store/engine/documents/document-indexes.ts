import type { IndexChange } from "../changes/index-change.ts";
import { reasonOf } from "../index/reason-of.ts";
import type { DocumentsTable } from "../rows/documents-table.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { Log } from "../threads/thread-messages.ts";
import { DocumentIndex } from "./document-index.ts";

/** Maximum memory of all of them; beyond that, the least recently used are closed. */
const mostBytes = 256 * 1024 * 1024;

/** The indexes of documents in memory: of libraries whose documents a filter has selected. Derived data, and not saved. */
export class DocumentIndexes {
  readonly #documents: DocumentsTable;
  readonly #log: Log;
  readonly #mostBytes: number;
  /** By the library's key, least recently used first. */
  readonly #open = new Map<number, DocumentIndex>();
  /** Those with deferred work. */
  readonly #active = new Set<number>();

  constructor(documents: DocumentsTable, log: Log, bytes = mostBytes) {
    this.#documents = documents;
    this.#log = log;
    this.#mostBytes = bytes;
  }

  /** The library's index, opened on first use. */
  get({ key }: LibraryRow): DocumentIndex {
    const index = this.#open.get(key) ?? new DocumentIndex(this.#documents, key);
    this.#open.delete(key);
    this.#open.set(key, index);
    // A filter may create work for it.
    this.#active.add(key);
    this.#evict(key);
    return index;
  }

  peek(key: number): DocumentIndex | undefined {
    return this.#open.get(key);
  }

  get bytes(): number {
    return this.#open.values().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  apply({ row, document, dropped }: IndexChange): void {
    if (dropped) return this.#close(row.key);
    if (document === undefined) return;
    try {
      this.#open.get(row.key)?.apply(document);
    } catch (error) {
      this.#fail(row.key, error);
    }
  }

  /** Runs one slice of work; returns whether there is more. */
  work(): boolean {
    for (const key of this.#active) {
      try {
        if (this.#open.get(key)?.work() === true) return true;
      } catch (error) {
        this.#fail(key, error);
      }
      this.#active.delete(key);
    }
    return false;
  }

  #evict(used: number): void {
    for (const key of this.#open.keys()) {
      if (key === used || this.bytes <= this.#mostBytes) return;
      this.#close(key);
    }
  }

  /** Discards an index that failed; it is built again on next use. */
  #fail(key: number, error: unknown): void {
    this.#log("error", "an index of documents failed and will be rebuilt", { library: key, reason: reasonOf(error) });
    this.#close(key);
  }

  #close(key: number): void {
    this.#open.delete(key);
    this.#active.delete(key);
  }
}
