import type { Filter, FilterRecord } from "@arrwdb/protocol/filter";
import type { MetadataIndex, ReadChunks } from "../metadata-index/metadata-index.ts";
import { MetadataOpening, type ReadKeys } from "../metadata-index/metadata-opening.ts";
import type { Selection } from "../metadata-index/row-selection.ts";

/** Chunks of a library whose index of metadata is made while its first filter waits. */
const openedAtOnce = 2_048;

/** Reads the chunks of a library. */
export interface LibraryChunks {
  readonly keysAfter: ReadKeys;
  /** What filters see of the chunks. */
  readonly records: ReadChunks;
  readonly record: (key: number) => FilterRecord | undefined;
}

/** The index of metadata of one library. It is made when the first filter comes, in slices if the library is large. */
export class LibraryMetadata {
  readonly #chunks: LibraryChunks;
  #index: MetadataIndex | undefined;
  #opening: MetadataOpening | undefined;

  constructor(chunks: LibraryChunks) {
    this.#chunks = chunks;
  }

  get bytes(): number {
    return this.#index?.bytes ?? 0;
  }

  add(key: number): void {
    const index = this.#index;
    // One that was made in slices may know the chunk from the tables already.
    if (index === undefined || key <= index.lastKey) return;
    // If a later commit removed it already, there is no row to read.
    index.add(key, this.#chunks.record(key) ?? {});
  }

  remove(keys: readonly number[]): void {
    this.#opening?.remove(keys);
    for (const key of keys) this.#index?.remove(key);
  }

  /**
   * What passes a filter, or may pass; undefined if that is not known yet. Needs a view of the tables that shows every
   * change applied here, and no other.
   *
   * @param size chunks of the library
   */
  select(filter: Filter, size: number): Selection | undefined {
    if (this.#index === undefined) {
      this.#opening ??= new MetadataOpening(this.#chunks.keysAfter, this.#chunks.records);
      if (size <= openedAtOnce) while (this.#read());
    }
    return this.#index?.evaluate(filter);
  }

  /** Whether more will be known of what passes a filter after some more work. */
  awaits(filter: Filter): boolean {
    return this.#opening !== undefined || this.#index?.awaits(filter) === true;
  }

  /** Does one slice of what can wait; returns whether it did, or there is more. */
  work(): boolean {
    if (this.#opening === undefined) return this.#index?.work() === true;
    this.#read();
    return true;
  }

  /** Reads some keys; returns whether there are more to read. */
  #read(): boolean {
    if (this.#opening === undefined) return false;
    this.#index = this.#opening.work();
    if (this.#index !== undefined) this.#opening = undefined;
    return this.#index === undefined;
  }
}
