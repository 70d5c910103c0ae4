import type { Filter, FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { ChunkRange } from "../rows/chunk-range.ts";
import type { CapturedFields } from "../metadata-index/captured-fields.ts";
import type { MetadataIndex, ReadChunks } from "../metadata-index/metadata-index.ts";
import { MetadataOpening, type ReadKeys } from "../metadata-index/metadata-opening.ts";
import type { Selection } from "../metadata-index/row-selection.ts";

/** Number of chunks up to which the metadata index is built while the first filter waits. */
const openedAtOnce = 2_048;

const noFields: FilterRecord = { server: {}, metadata: {} };

/** Number of chunks of a patched document up to which their records are read within the commit. */
const patchedAtOnce = 32;

/** Reads the chunks of a library. */
export interface LibraryChunks {
  readonly keysAfter: ReadKeys;
  /** Reads the fields of chunks that filters can test. */
  readonly records: ReadChunks;
  readonly record: (key: number) => FilterRecord | undefined;
}

/** The metadata index of one library. It is built when the first filter arrives, in slices if the library is large. */
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
    // An index built in slices may have read the chunk from the tables already.
    if (index === undefined || key <= index.lastKey) return;
    // If a later commit has already removed it, there is no row to read.
    index.add(key, this.#chunks.record(key) ?? noFields);
  }

  /** Their records have changed. Those of a few are read at once, and others in slices, before a filter needs them. */
  patch({ first, last }: ChunkRange): void {
    const index = this.#index;
    if (index === undefined) return;
    const atOnce = last - first < patchedAtOnce;
    for (let key = first; key <= last; key++) index.update(key, atOnce ? this.#chunks.record(key) : undefined);
  }

  remove(keys: readonly number[]): void {
    this.#opening?.remove(keys);
    for (const key of keys) this.#index?.remove(key);
  }

  /**
   * The chunks that pass a filter, or may; undefined if not known yet. Needs a snapshot of the tables with exactly the
   * changes applied here.
   *
   * @param size number of chunks of the library
   */
  select(filter: Filter, size: number): Selection | undefined {
    return this.#open(size)?.evaluate(filter);
  }

  /** The same as copies, with the values of these fields; undefined if one of these is not known. */
  capture(filter: Filter, names: readonly string[], size: number): CapturedFields | undefined {
    return this.#open(size)?.capture(filter, names);
  }

  /** Whether more work will make the selection of a filter more precise, or complete one of the fields. */
  awaits(filter: Filter, names?: readonly string[]): boolean {
    return this.#opening !== undefined || this.#index?.awaits(filter, names) === true;
  }

  /** The index, if it is built; otherwise its building begins, and ends if the library is small. */
  #open(size: number): MetadataIndex | undefined {
    if (this.#index !== undefined) return this.#index;
    this.#opening ??= new MetadataOpening(this.#chunks.keysAfter, this.#chunks.records);
    if (size <= openedAtOnce) while (this.#read());
    return this.#index;
  }

  /** Runs one slice of deferred work; returns whether it did any, or there is more. */
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
