import type { Filter } from "@arrwdb/protocol/filter/filter";
import { Slice } from "../../../scheduling/slice.ts";
import { goOn, type Steps } from "../../../scheduling/steps.ts";
import type { CapturedFields } from "../metadata-index/captured-fields.ts";
import type { Selection } from "../metadata-index/row-selection.ts";
import type { ReadKeys } from "../metadata-index/metadata-opening.ts";
import type { ChunkRange } from "../rows/chunk-range.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import { addVectors, visitKeys } from "./chunk-vectors.ts";
import { IndexCatchUp } from "./index-catch-up.ts";
import {
  type IndexDefinition,
  type IndexResources,
  type PlannedIndex,
  planIndex,
  type PlanRequest,
} from "./index-definition.ts";
import { type LibraryChunks, LibraryMetadata } from "./library-metadata.ts";
import { NextIndex } from "./next-index.ts";
import type { PersistentIndex, SearchableIndex, VectorIndex, VectorSource } from "./vector-index.ts";

/** Vectors read from disk at a time for an index that is being built. */
const readSlice = 256;
/** An index is rebuilt when more than this fraction of it is deleted. */
const greatestDeletedFraction = 0.3;

/** An index that is being built. */
interface Building {
  readonly index: VectorIndex;
  /** Number of chunks to be read for it, and read so far. */
  readonly keys: readonly number[];
  read: number;
}

/** The vectors of a library in one space. */
export interface SpaceSource {
  readonly vector: VectorSource;
  /** Keys of the chunks that have one. */
  readonly keysAfter: ReadKeys;
}

export interface LibraryIndexOptions {
  readonly row: LibraryRow;
  readonly definitions: readonly IndexDefinition[];
  readonly resources: Omit<IndexResources, "source">;
  readonly chunks: LibraryChunks;
  /** The vectors of a space. */
  readonly vectors: (space: number) => SpaceSource;
  /** Called when a saved index cannot be used. */
  readonly discard: (error: unknown) => void;
}

/**
 * The index of one library, and possibly its replacement, built because the library has outgrown it, settings changed, much
 * was removed, or there was no index yet. Every change is applied to both. The replacement takes over when it answers as
 * fast; until then searches use the old index or, if there is none, the disk.
 *
 * While the library is re-embedded, there may be an index of its next space as well, which answers no search before
 * `changeOver`.
 */
export class LibraryIndex {
  readonly #options: LibraryIndexOptions;
  readonly #metadata: LibraryMetadata;
  #row: LibraryRow;
  #current: VectorIndex | undefined;
  #building: Building | undefined;
  /** Reads the tables, in one snapshot per step, until there is an index or one being built. */
  #preparing: Steps<void> | undefined;
  #next: NextIndex | undefined;
  /** For a loaded index that is not searched yet. */
  #catchUp: IndexCatchUp | undefined;
  /** Number of vectors that are still pending since the index took over. */
  #inherited = 0;

  constructor(options: LibraryIndexOptions) {
    this.#options = options;
    this.#row = options.row;
    this.#metadata = new LibraryMetadata(options.chunks);
  }

  /** The library's row when its index was last used. */
  get row(): LibraryRow {
    return this.#row;
  }

  /** The index that answers searches; undefined if they have to read the disk. */
  get searchable(): SearchableIndex | undefined {
    return this.#current;
  }

  /** The index to save: the one that answers searches, or else the one being built. */
  get persistent(): PersistentIndex | undefined {
    return this.all[0];
  }

  /** Every index that takes memory. */
  get all(): readonly VectorIndex[] {
    return [this.#current, this.#building?.index].filter((index) => index !== undefined);
  }

  get bytes(): number {
    return this.all.reduce((sum, index) => sum + index.bytes, this.#next?.index?.bytes ?? 0);
  }

  get metadataBytes(): number {
    return this.#metadata.bytes;
  }

  /** Number of vectors waiting for an approximate structure, or to be read for one. */
  get pending(): number {
    const building = this.#building;
    const chosen = building === undefined ? 0 : building.keys.length - building.read;
    const unread = this.#preparing !== undefined ? this.#row.library.num_chunks : chosen;
    const next = (this.#next?.unread ?? 0) + (this.#next?.index?.pending ?? 0);
    return this.all.reduce((sum, index) => sum + index.pending, unread + next);
  }

  /** Whether so many vectors are pending that writers should wait. Those that an index took over with do not count. */
  get congested(): boolean {
    const pending = this.#current?.pending ?? 0;
    this.#inherited = Math.min(this.#inherited, pending);
    return this.#building === undefined && pending > this.#inherited + this.#options.resources.thresholds.tailLimit;
  }

  get rebuilding(): boolean {
    return this.#building !== undefined || this.#next !== undefined || this.preparing;
  }

  /** Whether something has to be read in a snapshot of the tables with exactly the changes applied here. */
  get preparing(): boolean {
    return this.#preparing !== undefined || this.#next?.preparing === true;
  }

  /** Whether the index is still being loaded or chosen. */
  get loading(): boolean {
    return this.#preparing !== undefined && this.#current === undefined;
  }

  /** Starts from what was saved, or from nothing: in one step if the library is small, otherwise in slices. */
  start(load: (planned: PlannedIndex) => Steps<VectorIndex | undefined>): void {
    const planned = this.#plan(this.#row.library.num_chunks);
    this.#preparing = this.#open(() => load(planned));
    if (this.#row.library.num_chunks <= this.#options.resources.thresholds.flatLimit) this.prepare(Infinity);
  }

  /** Runs a slice of what `preparing` indicates. */
  prepare(milliseconds?: number): void {
    if (this.#preparing === undefined) return this.#next?.prepare(milliseconds);
    if (goOn(this.#preparing, new Slice(milliseconds))) this.#preparing = undefined;
  }

  /**
   * Begins to build the index of the next space, which has a vector for each chunk, unless that has begun. Returns whether it
   * is ready. Chunks that are added to the library from now on are reported by `addNext` once they have a vector there.
   */
  buildNext({ library, space, next }: LibraryRow): boolean {
    if (next === undefined) return false;
    const { vector, keysAfter } = this.#options.vectors(space + 1);
    const target = { ...library, embedding_model: next.embeddingModel, dimension: next.dimension };
    this.#next ??= new NextIndex({
      plan: (size) => this.#planOf(target, vector, size),
      keysAfter,
      source: vector,
    });
    return this.#next.isReady;
  }

  addNext(keys: readonly number[]): void {
    for (const key of keys) this.#next?.add(key);
  }

  /** The library is not re-embedded any more. */
  dropNext(): void {
    this.#next?.close();
    this.#next = undefined;
  }

  /** The library's vectors are those of its next space. Returns whether there is an index of them; otherwise this one is of no use. */
  changeOver(row: LibraryRow): boolean {
    const index = this.#next?.take();
    this.#next = undefined;
    this.close();
    this.#catchUp = undefined;
    this.#building = undefined;
    this.#row = row;
    this.#current = index;
    this.#inherited = index?.pending ?? 0;
    return index !== undefined;
  }

  add(key: number, vector: Float32Array): void {
    for (const index of this.all) index.add(key, vector);
    this.#metadata.add(key);
  }

  remove(keys: readonly number[]): void {
    if (keys.length === 0) return;
    for (const index of this.all) index.remove(keys);
    this.#next?.remove(keys);
    this.#catchUp?.remove(keys);
    this.#metadata.remove(keys);
  }

  /** The fields of a document have changed that filters of these chunks can test. */
  patch(chunks: ChunkRange): void {
    this.#metadata.patch(chunks);
  }

  *#open(load: () => Steps<VectorIndex | undefined>): Steps<void> {
    try {
      if (yield* this.#resume(load)) return;
    } catch (error) {
      this.#options.discard(error);
      this.#catchUp?.index.close();
      this.#catchUp = undefined;
      this.#current = undefined;
    }
    yield* this.#startAnew("there is no saved index");
  }

  /** Brings a saved index up to date with the tables; returns whether there was one. */
  *#resume(load: () => Steps<VectorIndex | undefined>): Steps<boolean> {
    const { resources, chunks } = this.#options;
    const source = this.#source;
    const index = yield* load();
    if (index === undefined) return false;
    const limit = resources.thresholds.tailLimit;
    this.#catchUp = new IndexCatchUp({ index, keysAfter: chunks.keysAfter, source, limit });
    const keys = yield* this.#catchUp.run();
    this.#catchUp = undefined;
    if (keys.length === 0) this.#current = index;
    else this.#building = { index, keys, read: 0 };
    return true;
  }

  /** Lists the chunks, and starts to build an index of them: in one step if they are few. */
  *#startAnew(why: string): Steps<void> {
    const { chunks, resources } = this.#options;
    const keys: number[] = [];
    yield* visitKeys(chunks.keysAfter, 0, (key) => keys.push(key));
    const index = this.#plan(keys.length).create(keys);
    if (this.#current !== undefined || keys.length > resources.thresholds.flatLimit) {
      resources.log("info", "rebuilding an index", { library: this.#row.library.id, chunks: keys.length, why });
      this.#building = { index, keys, read: 0 };
      return;
    }
    this.#current = index;
    addVectors(index, keys, this.#source);
  }

  /** The chunks that pass a filter, or may; undefined if not known yet. Needs the same snapshot of the tables as `prepare`. */
  select(filter: Filter): Selection | undefined {
    return this.#metadata.select(filter, this.#row.library.num_chunks);
  }

  /** The same as copies, with the values of these fields; undefined if one of these is not known. */
  capture(filter: Filter, names: readonly string[]): CapturedFields | undefined {
    return this.#metadata.capture(filter, names, this.#row.library.num_chunks);
  }

  /** Whether more work will make the selection of a filter more precise, or complete one of the fields. */
  awaits(filter: Filter | undefined, names?: readonly string[]): boolean {
    return this.loading || (filter !== undefined && this.#metadata.awaits(filter, names));
  }

  /** The library's name, settings or size have changed. */
  update(row: LibraryRow): void {
    // A long search may still see the library as it was before it changed over.
    if (row.space !== this.#row.space) return;
    this.#row = row;
    for (const index of this.all) this.#plan(index.size).tune(index);
  }

  /** Finishes loading an index that could not be reloaded later. */
  finishLoading(): void {
    if (this.#catchUp?.index.savedAtEnd === true) this.prepare(Infinity);
  }

  /** Closes the files of its indexes, and removes those that were not saved. */
  close(): void {
    this.#preparing?.return();
    this.#preparing = undefined;
    this.dropNext();
    this.#catchUp?.index.close();
    for (const index of this.all) index.close();
  }

  /** Increases the effort of searches; returns whether it could. */
  increaseEffort(): boolean {
    return this.#current?.increaseEffort() ?? false;
  }

  /** Why another index would be better, if so. Needs a snapshot of the tables that matches this index. */
  get rebuildReason(): string | undefined {
    const current = this.#current;
    if (current === undefined || this.#building !== undefined || this.#preparing !== undefined) return undefined;
    const reason = this.#plan(current.size).rebuildReason(current);
    if (reason !== undefined) return reason;
    return current.deletedFraction > greatestDeletedFraction ? "many of its vectors were deleted" : undefined;
  }

  /** Starts to build the better one. */
  rebuild(why: string): void {
    this.#preparing = this.#startAnew(why);
    this.prepare();
  }

  /** Runs one slice of deferred work; returns whether there is more. */
  work(): boolean {
    if (this.#metadata.work()) return true;
    return this.#workOnCurrent() || (this.#next?.work() ?? false);
  }

  #workOnCurrent(): boolean {
    const building = this.#building;
    if (building === undefined) return this.#current?.work() ?? false;
    if (building.index.saturated) return building.index.work();
    if (building.read < building.keys.length) {
      const next = building.keys.slice(building.read, building.read + readSlice);
      building.read += next.length;
      addVectors(building.index, next, this.#source);
      return true;
    }
    // An index that scans its whole tail is no slower than an exact one, or than the disk.
    if (this.#current === undefined || this.#current.exact || !building.index.work()) {
      this.#current?.close();
      this.#current = building.index;
      this.#building = undefined;
      this.#inherited = building.index.pending;
    }
    return true;
  }

  get #source(): VectorSource {
    return this.#options.vectors(this.#row.space).vector;
  }

  #plan(size: number): PlannedIndex {
    return this.#planOf(this.#row.library, this.#source, size);
  }

  #planOf(library: PlanRequest["library"], source: VectorSource, size: number): PlannedIndex {
    const { definitions, resources } = this.#options;
    return planIndex(definitions, { ...resources, source, library, size });
  }
}
