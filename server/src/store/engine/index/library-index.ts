import type { Filter, FilterRecord } from "@arrwdb/protocol/filter";
import type { Log } from "../threads/thread-messages.ts";
import type { MetadataIndex, ReadChunks } from "../metadata-index/metadata-index.ts";
import { MetadataOpening, type ReadKeys } from "../metadata-index/metadata-opening.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { IndexMaker } from "./index-maker.ts";
import { type IndexPlan, type IndexThresholds, planIndex } from "./index-settings.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { goOn, type Steps } from "../../../scheduling/steps.ts";
import type { Selection } from "../metadata-index/row-selection.ts";
import type { VectorIndex, VectorSource } from "./vector-index.ts";

/** Vectors that are read from the disk at a time for an index in the making. */
const readSlice = 256;
/** Keys that are looked at in a step. */
const keysAtOnce = 2_048;
/** Chunks of a library whose index of metadata is made while its first filter waits. */
const openedAtOnce = 2_048;
/** A rebuild frees what was removed when it is more than this part of an index, and more than this number. */
const greatestDeletedFraction = 0.3;

/** An index in the making. */
interface Building {
  readonly index: VectorIndex;
  /** Chunks that have to be read for it, and how many have been. */
  readonly keys: readonly number[];
  read: number;
}

/** What an index is made from. */
export interface IndexMaterial {
  readonly maker: IndexMaker;
  readonly vector: VectorSource;
  /** Keys of the library's chunks. */
  readonly keysAfter: ReadKeys;
  /** What was saved is of no use. */
  readonly discard: (error: unknown) => void;
  /** What filters see of the chunks. */
  readonly records: ReadChunks;
  readonly record: (key: number) => FilterRecord | undefined;
}

/**
 * The index of one library, and perhaps the one that will take its place: where the library has outgrown it, where other
 * settings were chosen, where too much was removed, or where there was none yet. What changes, changes in both. The one in
 * the making takes over when it answers as fast; until then the other one answers, or, where there is none, the disk.
 */
export class LibraryIndex {
  readonly #material: IndexMaterial;
  readonly #thresholds: IndexThresholds;
  readonly #log: Log;
  #row: LibraryRow;
  #current: VectorIndex | undefined;
  #building: Building | undefined;
  /** What has to be read in one state of the tables after the other, until there is an index, or one in the making. */
  #preparing: Steps<void> | undefined;
  /** Chunks that were removed since. */
  #removedMeanwhile: number[] = [];
  /** One that was loaded and is not searched yet. */
  #loaded: VectorIndex | undefined;
  /** Vectors that waited when the index took over, as far as they still do. */
  #inherited = 0;
  /** Made when the first filter comes, in slices where the library is large. */
  #metadata: MetadataIndex | undefined;
  #opening: MetadataOpening | undefined;

  constructor(row: LibraryRow, material: IndexMaterial, thresholds: IndexThresholds, log: Log) {
    this.#row = row;
    this.#material = material;
    this.#thresholds = thresholds;
    this.#log = log;
  }

  /** The library as it was when its index was last looked at. */
  get row(): LibraryRow {
    return this.#row;
  }

  /** What answers searches, or undefined where only the disk can. */
  get searchable(): VectorIndex | undefined {
    return this.#current;
  }

  /** Every index that costs memory. */
  get all(): readonly VectorIndex[] {
    return [this.#current, this.#building?.index].filter((index) => index !== undefined);
  }

  get bytes(): number {
    return this.all.reduce((sum, index) => sum + index.bytes, 0);
  }

  get metadataBytes(): number {
    return this.#metadata?.bytes ?? 0;
  }

  /** Vectors that wait for an approximate structure, and those that have to be read for one. */
  get pending(): number {
    const building = this.#building;
    const chosen = building === undefined ? 0 : building.keys.length - building.read;
    const unread = this.preparing ? this.#row.library.num_chunks : chosen;
    return this.all.reduce((sum, index) => sum + index.pending, unread);
  }

  /** Whether so many vectors wait that writers should. What waited when an index took over is not the writers' doing. */
  get congested(): boolean {
    const pending = this.#current?.pending ?? 0;
    this.#inherited = Math.min(this.#inherited, pending);
    return this.#building === undefined && pending > this.#inherited + this.#thresholds.tailLimit;
  }

  get rebuilding(): boolean {
    return this.#building !== undefined || this.preparing;
  }

  /** Whether something has to be read in a view of the tables that shows every change applied here, and no other. */
  get preparing(): boolean {
    return this.#preparing !== undefined;
  }

  /** Whether it will be known in a moment what answers searches. */
  get loading(): boolean {
    return this.preparing && this.#current === undefined;
  }

  /** Begins with what was saved, or with nothing: at once where the library is small, otherwise in slices. */
  start(load: () => Steps<VectorIndex | undefined>): void {
    this.#preparing = this.#open(load);
    if (this.#row.library.num_chunks <= this.#thresholds.flatLimit) this.prepare(Infinity);
  }

  /** Goes on with what `preparing` tells of. */
  prepare(milliseconds?: number): void {
    if (this.#preparing !== undefined && !goOn(this.#preparing, new Slice(milliseconds))) return;
    this.#preparing = undefined;
    this.#removedMeanwhile = [];
  }

  add(key: number, vector: Float32Array): void {
    for (const index of this.all) index.add(key, vector);
    const metadata = this.#metadata;
    // One that was made in slices may know the chunk from the tables already.
    if (metadata === undefined || key <= metadata.lastKey) return;
    // Where a later commit removed it already, it is not there to be read.
    metadata.add(key, this.#material.record(key) ?? {});
  }

  remove(keys: readonly number[]): void {
    if (keys.length === 0) return;
    for (const index of this.all) index.remove(keys);
    if (this.preparing) for (const key of keys) this.#removedMeanwhile.push(key);
    this.#opening?.remove(keys);
    for (const key of keys) this.#metadata?.remove(key);
  }

  *#open(load: () => Steps<VectorIndex | undefined>): Steps<void> {
    try {
      if (yield* this.#resume(load)) return;
    } catch (error) {
      this.#material.discard(error);
      this.#loaded?.close();
      this.#loaded = undefined;
      this.#current = undefined;
    }
    yield* this.#startAnew("there is no saved index");
  }

  /** Brings what was saved up to the chunks that there are now; tells whether something was. */
  *#resume(load: () => Steps<VectorIndex | undefined>): Steps<boolean> {
    const saved = yield* load();
    if (saved === undefined) return false;
    this.#loaded = saved;
    this.#removedMeanwhile = [];
    const gone = new Set<number>();
    for (const key of saved.keys()) if (gone.add(key).size % keysAtOnce === 0) yield;
    const missing: number[] = [];
    let last = yield* this.#list(0, (key) => gone.delete(key) || missing.push(key));
    let removed: number[] = [];
    for (const key of gone) {
      if (removed.push(key) < readSlice) continue;
      saved.remove(removed);
      removed = [];
      yield;
    }
    saved.remove(removed);
    // What comes meanwhile is read too, until so little is left that it is read at once.
    let read = 0;
    for (let isAll = false; !isAll && missing.length <= this.#thresholds.tailLimit;) {
      if (missing.length - read >= readSlice) {
        this.#read(saved, missing.slice(read, read + readSlice));
        read += readSlice;
        saved.remove(this.#removedMeanwhile.splice(0));
        yield;
      } else {
        const more = this.#material.keysAfter(last, readSlice);
        for (const key of more) missing.push(key);
        last = more.at(-1) ?? last;
        isAll = more.length < readSlice;
      }
    }
    const isNear = missing.length <= this.#thresholds.tailLimit;
    if (!isNear) yield* this.#list(last, (key) => missing.push(key));
    // From here to the end no other has a turn, so nothing comes or goes.
    saved.remove(this.#removedMeanwhile.splice(0));
    const unread = missing.slice(read);
    if (isNear) this.#read(saved, unread);
    this.#loaded = undefined;
    if (isNear) this.#current = saved;
    else this.#building = { index: saved, keys: unread, read: 0 };
    return true;
  }

  /** Lists the chunks, and begins to make an index of them: at once where they are few. */
  *#startAnew(why: string): Steps<void> {
    const keys = yield* this.#keysBeyond(0);
    const index = this.#create(keys);
    if (this.#current !== undefined || keys.length > this.#thresholds.flatLimit) return this.#build(index, keys, why);
    this.#current = index;
    this.#read(index, keys);
  }

  *#keysBeyond(after: number): Steps<readonly number[]> {
    const keys: number[] = [];
    yield* this.#list(after, (key) => keys.push(key));
    return keys;
  }

  /** Tells of each key beyond one, to the last that there is when it ends; returns that. */
  *#list(after: number, tell: (key: number) => unknown): Steps<number> {
    let last = after;
    for (;;) {
      const keys = this.#material.keysAfter(last, keysAtOnce);
      for (const key of keys) tell(key);
      last = keys.at(-1) ?? last;
      if (keys.length < keysAtOnce) return last;
      yield;
    }
  }

  #openMetadata(): void {
    if (this.#metadata !== undefined) return;
    const { keysAfter, records } = this.#material;
    this.#opening ??= new MetadataOpening(keysAfter, records);
    // A small library is known at once.
    if (this.#row.library.num_chunks <= openedAtOnce) while (this.#readMetadata());
  }

  /** Reads some keys for the index of metadata; tells whether there is more to do. */
  #readMetadata(): boolean {
    if (this.#opening === undefined) return false;
    this.#metadata = this.#opening.work();
    if (this.#metadata !== undefined) this.#opening = undefined;
    return this.#metadata === undefined;
  }

  /** What passes a filter, or may pass; undefined where that is not known yet. Needs the same view of the tables as opening. */
  select(filter: Filter): Selection | undefined {
    this.#openMetadata();
    return this.#metadata?.evaluate(filter);
  }

  /** Whether more will be known of what passes a filter after some more work. */
  awaits(filter: Filter | undefined): boolean {
    if (this.loading) return true;
    if (filter === undefined) return false;
    return this.#opening !== undefined || this.#metadata?.awaits(filter) === true;
  }

  /** The library has changed in name, settings or size. */
  update(row: LibraryRow): void {
    this.#row = row;
    for (const index of this.all) index.tune(this.#plan(index.size));
  }

  /** Ends what would be lost otherwise. */
  settle(): void {
    if (this.#loaded?.savedAtEnd === true) this.prepare(Infinity);
  }

  /** Lets go of the files of its indexes, and removes those that were not saved. */
  close(): void {
    this.#preparing?.return();
    this.#preparing = undefined;
    this.#loaded?.close();
    for (const index of this.all) index.close();
  }

  /** Lets searches look at more; tells whether they do. */
  increaseEffort(): boolean {
    return this.#current?.increaseEffort() ?? false;
  }

  /** Whether another index would be better; it should be asked with a view of the disk that agrees with this index. */
  get outgrown(): string | undefined {
    const current = this.#current;
    if (current === undefined || this.#building !== undefined || this.preparing) return undefined;
    const plan = this.#plan(current.size);
    const shrunk = current.kind === "hnsw" && plan.kind === "flat" && this.#row.library.index.type === "auto";
    if (plan.kind !== current.kind && !(shrunk && current.size > this.#thresholds.flatLimit / 2)) {
      return `${current.kind} becomes ${plan.kind}`;
    }
    const reason = current.rebuildReason(plan);
    if (reason !== undefined) return reason;
    if (current.deletedFraction > greatestDeletedFraction) return "many of its vectors were deleted";
    return undefined;
  }

  /** Begins to make the better one. */
  rebuild(why: string): void {
    this.#preparing = this.#startAnew(why);
    this.prepare();
  }

  /** Does one slice of what can wait; tells whether there is more. */
  work(): boolean {
    if (this.#opening !== undefined) {
      this.#readMetadata();
      return true;
    }
    if (this.#metadata?.work() === true) return true;
    const building = this.#building;
    if (building === undefined) return this.#current?.work() ?? false;
    if (building.index.saturated) return building.index.work();
    if (building.read < building.keys.length) {
      const next = building.keys.slice(building.read, building.read + readSlice);
      building.read += next.length;
      this.#read(building.index, next);
      return true;
    }
    // One that compares everything in its tail is no slower than a flat one, or than the disk.
    if (this.#current === undefined || this.#current.kind === "flat" || !building.index.work()) {
      this.#current?.close();
      this.#current = building.index;
      this.#building = undefined;
      this.#inherited = building.index.pending;
    }
    return true;
  }

  #plan(size: number): IndexPlan {
    const { index, dimension } = this.#row.library;
    return planIndex(index, dimension, size, this.#thresholds);
  }

  #create(keys: readonly number[]): VectorIndex {
    return this.#material.maker.create(this.#plan(keys.length), keys);
  }

  #build(index: VectorIndex, keys: readonly number[], why: string): void {
    this.#log("info", "rebuilding an index", { library: this.#row.library.id, chunks: keys.length, why });
    this.#building = { index, keys, read: 0 };
  }

  #read(index: VectorIndex, keys: readonly number[]): void {
    for (const key of keys) {
      const vector = this.#material.vector(key);
      // One that is gone from the disk is gone from the library, or will be in a moment.
      if (vector !== undefined) index.add(key, vector);
    }
  }
}
