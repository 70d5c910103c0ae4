import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { ChunksTable } from "../rows/chunks-table.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { Log } from "../threads/thread-messages.ts";
import type { SearchStatistics } from "../search/search-totals.ts";
import type { IndexChange } from "../rows/index-change.ts";
import { Slice } from "../../../scheduling/slice.ts";
import { finish, goOn, type Steps } from "../../../scheduling/steps.ts";
import { IndexMaker } from "./index-maker.ts";
import { type IndexThresholds, planIndex } from "./index-settings.ts";
import { type IndexMaterial, LibraryIndex } from "./library-index.ts";
import type { Snapshots } from "./snapshots.ts";
import type { Quality, VectorIndex } from "./vector-index.ts";

/** Changes of a graph after which it is worth saving, as a part of its size. */
const savedPart = 0.2;
/** Indexes that are opened before memory is counted again. */
const evictEvery = 64;

interface OpenIndex {
  readonly index: LibraryIndex;
  /** Unsaved changes at which it is saved; after a failure, so many more. */
  saveAt: number;
}

interface Saving {
  readonly open: OpenIndex;
  readonly index: VectorIndex;
  readonly steps: Steps<void>;
}

/** The indexes in memory. They are derived: whatever is missing or broken is made again from the tables. */
export class IndexRegistry {
  readonly #chunks: ChunksTable;
  readonly #snapshots: Snapshots;
  readonly #thresholds: IndexThresholds;
  readonly #log: Log;
  /** Those that were used last stand last. */
  readonly #open = new Map<number, OpenIndex>();
  /** Large libraries that should be opened when there is time. */
  readonly #wanted = new Map<number, LibraryRow>();
  /** Those of them that were there at the start. */
  readonly #recovering = new Set<number>();
  /** Those that were opened or changed since they were last found to have nothing to do. */
  readonly #restless = new Set<number>();
  /** Those that searches wait for: they are opened before others. */
  readonly #awaited = new Set<number>();
  #opened = 0;
  #saving: Saving | undefined;

  constructor(chunks: ChunksTable, snapshots: Snapshots, thresholds: IndexThresholds, log: Log) {
    this.#chunks = chunks;
    this.#snapshots = snapshots;
    this.#thresholds = thresholds;
    this.#log = log;
  }

  /** Wants the large ones, as opening them takes a while. */
  recover(rows: readonly LibraryRow[]): void {
    for (const row of rows) {
      if (row.library.num_chunks <= this.#thresholds.flatLimit) continue;
      this.#wanted.set(row.key, row);
      this.#recovering.add(row.key);
    }
  }

  /** The library's index, opened at its first use. Needs a view of the tables that shows every change applied here, and no other. */
  get(row: LibraryRow): LibraryIndex {
    const known = this.#open.get(row.key);
    if (known !== undefined) {
      this.#open.delete(row.key);
      this.#open.set(row.key, known);
      known.index.update(row);
      // A filter may give it something to do.
      this.#restless.add(row.key);
      return known.index;
    }
    this.#wanted.delete(row.key);
    const index = this.#load(row);
    if (!index.preparing) this.#recovering.delete(row.key);
    this.#open.set(row.key, { index, saveAt: this.#thresholds.saveAfter });
    this.#restless.add(row.key);
    if (++this.#opened % evictEvery === 0) this.#evict(row.key);
    return index;
  }

  get walkShare(): number {
    return this.#thresholds.walkShare;
  }

  get comparedAtOnce(): number {
    return this.#thresholds.comparedAtOnce;
  }

  /** The index where it is in memory. */
  peek(key: number): LibraryIndex | undefined {
    return this.#open.get(key)?.index;
  }

  /** What is in memory of the library's index. */
  statistics({ key, library }: LibraryRow): LibraryStatistics["index"] {
    const index = this.peek(key);
    return {
      settings: library.index,
      kind: index?.searchable?.kind ?? null,
      effort: index?.searchable?.effort ?? null,
      measured: measurementOf(index?.searchable?.quality),
      chunks: index?.searchable?.size ?? 0,
      pending: index?.pending ?? (this.#wanted.has(key) ? library.num_chunks : 0),
      rebuilding: index?.rebuilding ?? this.#wanted.has(key),
      memory_bytes: index?.bytes ?? 0,
      metadata_memory_bytes: index?.metadataBytes ?? 0,
    };
  }

  /** Applies what was committed. One that is not open has nothing to do: it will be opened with what the tables hold. */
  apply({ row, added, removed, dropped }: IndexChange): void {
    if (dropped) return this.#drop(row);
    const open = this.#open.get(row.key);
    if (open === undefined) {
      if (row.library.num_chunks + added.length > this.#thresholds.flatLimit) this.#wanted.set(row.key, row);
      return;
    }
    this.#restless.add(row.key);
    const isUpdate = added.length === 0 && removed.length === 0;
    try {
      if (isUpdate) open.index.update(row);
      open.index.update(row);
      open.index.remove(removed);
      for (const { key, vector } of added) open.index.add(key, vector);
    } catch (error) {
      this.fail(row, error);
    }
  }

  /** Libraries whose writers should wait. */
  congested(): readonly string[] {
    return this.#busy()
      .filter((index) => index.congested)
      .map((index) => index.row.library.id);
  }

  /** All indexes in memory, by kind. */
  totals(): Pick<SearchStatistics, "pending" | "rebuilding" | "indexes" | "metadataBytes"> {
    const indexes = { flat: noIndexes(), hnsw: noIndexes(), ivf: noIndexes() };
    let rebuilding = this.#wanted.size;
    let metadataBytes = 0;
    for (const { index } of this.#open.values()) {
      if (index.rebuilding) rebuilding++;
      metadataBytes += index.metadataBytes;
      for (const part of index.all) indexes[part.kind].bytes += part.bytes;
      if (index.searchable === undefined) continue;
      indexes[index.searchable.kind].libraries++;
      indexes[index.searchable.kind].chunks += index.searchable.size;
    }
    return { pending: this.pending, rebuilding, indexes, metadataBytes };
  }

  /** Whether every large library that was there at the start has been looked at. */
  get recovered(): boolean {
    return this.#recovering.size === 0;
  }

  get pending(): number {
    return this.#wanted.size + this.#busy().reduce((sum, index) => sum + index.pending, 0);
  }

  /** Does one slice of work on what is open; tells whether there is more. */
  work(): boolean {
    for (const index of this.#busy()) {
      try {
        if (index.work()) {
          // Others have their turn before its next slice.
          this.#restless.delete(index.row.key);
          this.#restless.add(index.row.key);
          return true;
        }
      } catch (error) {
        this.fail(index.row, error);
        return true;
      }
      if (!index.preparing && index.outgrown === undefined && index.pending === 0) this.#restless.delete(index.row.key);
    }
    return false;
  }

  /** Whether there is work that needs such a view of the tables as `get` does. */
  get wanting(): boolean {
    return this.#wanted.size > 0 || this.#busy().some((index) => index.preparing || index.outgrown !== undefined);
  }

  /** Searches of this library wait until it is opened. */
  hurry(key: number): void {
    this.#awaited.add(key);
  }

  /** Does one slice of it. @param find the library as it is now, or undefined where it is gone */
  open(find: (id: string) => LibraryRow | undefined): void {
    for (const key of this.#awaited) {
      const index = this.peek(key);
      if (index?.preparing === true) return this.#prepare(index);
      this.#awaited.delete(key);
    }
    const [next] = this.#wanted;
    if (next !== undefined) {
      this.#wanted.delete(next[0]);
      const row = find(next[1].library.id);
      if (row === undefined) this.#recovering.delete(next[0]);
      else this.get(row);
      return;
    }
    for (const index of this.#busy()) {
      if (index.preparing) return this.#prepare(index);
      const why = index.outgrown;
      if (why === undefined) continue;
      index.rebuild(why);
      return;
    }
  }

  #prepare(index: LibraryIndex): void {
    index.prepare();
    if (!index.preparing) this.#recovering.delete(index.row.key);
  }

  /** Lets searches of a library look at more; tells whether they do. */
  increaseEffort(row: LibraryRow): boolean {
    const index = this.get(row);
    const wider = index.increaseEffort();
    const { effort } = index.searchable ?? {};
    if (wider)
      this.#log("info", "recall was too low; searches examine more candidates", { library: row.library.id, effort });
    return wider;
  }

  /** Begins to save a graph that has changed much; tells whether there was one. For times without requests, as it takes long. */
  saveOne(): boolean {
    for (const open of this.#open.values()) {
      const index = open.index.searchable;
      if (index === undefined || index.savedAtEnd || index.pending > 0) continue;
      if (index.unsaved < Math.max(open.saveAt, index.size * savedPart)) continue;
      this.#saving = { open, index, steps: this.#snapshots.save(open.index.row, index) };
      return true;
    }
    return false;
  }

  get saving(): boolean {
    return this.#saving !== undefined;
  }

  /** Goes on with what `saveOne` began, for a slice. */
  save(): void {
    const saving = this.#saving;
    if (saving === undefined) return;
    const isOver = this.#safely(saving.open.index.row, () => goOn(saving.steps, new Slice()));
    if (isOver === false) return;
    this.#saving = undefined;
    const { saveAfter } = this.#thresholds;
    saving.open.saveAt = isOver === true ? saveAfter : saving.index.unsaved + saveAfter;
  }

  /** Saves what has changed since it was saved, and lets go of all. */
  close(): void {
    for (const { index } of this.#open.values()) {
      this.#stopSaving(index);
      index.settle();
      const saved = index.searchable ?? index.all[0];
      if (saved !== undefined && saved.unsaved > 0) {
        this.#safely(index.row, () => finish(this.#snapshots.save(index.row, saved)));
      }
      index.close();
    }
    this.#open.clear();
  }

  #busy(): readonly LibraryIndex[] {
    return [...this.#restless].flatMap((key) => this.#open.get(key)?.index ?? []);
  }

  #drop({ key, library }: LibraryRow): void {
    this.#wanted.delete(key);
    this.#recovering.delete(key);
    try {
      this.#letGo(key);
      this.#snapshots.remove(key);
    } catch (error) {
      this.#log("warn", "a saved index could not be removed; retrying at the next start", {
        library: library.id,
        reason: reasonOf(error),
      });
    }
  }

  /** Forgets an index that failed; its next use makes it again. */
  fail(row: LibraryRow, error: unknown): void {
    this.#log("error", "an index failed and will be rebuilt", { library: row.library.id, reason: reasonOf(error) });
    this.#wanted.set(row.key, row);
    try {
      this.#letGo(row.key);
    } catch (failure) {
      this.#log("warn", "an index could not be closed", { library: row.library.id, reason: reasonOf(failure) });
    }
    this.#removeSaved(row);
  }

  /** One that cannot be removed, as on a full disk, is found to be of no use again at the next start. */
  #removeSaved({ key, library }: LibraryRow): void {
    try {
      this.#snapshots.remove(key);
    } catch (error) {
      this.#log("warn", "index files could not be removed", { library: library.id, reason: reasonOf(error) });
    }
  }

  #letGo(key: number): void {
    const index = this.peek(key);
    this.#stopSaving(index);
    this.#open.delete(key);
    index?.close();
  }

  /** What `save` gives, or undefined where it failed. */
  #safely<Value>({ library }: LibraryRow, save: () => Value): Value | undefined {
    try {
      return save();
    } catch (error) {
      this.#log("warn", "an index could not be saved; it will be rebuilt at the next start", {
        library: library.id,
        reason: reasonOf(error),
      });
      return undefined;
    }
  }

  /** Gives up saving an index that is let go. */
  #stopSaving(index: LibraryIndex | undefined): void {
    if (this.#saving === undefined || this.#saving.open.index !== index) return;
    this.#saving.steps.return();
    this.#saving = undefined;
  }

  #load(row: LibraryRow): LibraryIndex {
    const { key, library } = row;
    const source = (chunk: number) => this.#chunks.vector(chunk);
    const maker = new IndexMaker(library, source, this.#snapshots.files, this.#thresholds, this.#log);
    const material: IndexMaterial = {
      maker,
      vector: source,
      keysAfter: (after, limit) => this.#chunks.keysAfter(key, after, limit),
      records: (after, limit) => this.#chunks.records(key, after, limit),
      record: (chunk) => this.#chunks.record(chunk),
      discard: (error) => {
        const reason = reasonOf(error);
        this.#log("warn", "a saved index cannot be used; rebuilding it", { library: library.id, reason });
        this.#removeSaved(row);
      },
    };
    const index = new LibraryIndex(row, material, this.#thresholds, this.#log);
    const plan = planIndex(library.index, library.dimension, library.num_chunks, this.#thresholds);
    index.start(() => this.#snapshots.load(row, plan, maker));
    return index;
  }

  /** Lets go of small indexes that were not used for longest, where all of them take too much memory. */
  #evict(used: number): void {
    const small = this.#open
      .entries()
      .filter(([, { index }]) => index.searchable?.kind === "flat" && !index.rebuilding)
      .toArray();
    let bytes = small.reduce((sum, [, { index }]) => sum + index.bytes, 0);
    for (const [key, { index }] of small) {
      if (bytes <= this.#thresholds.flatBytes) return;
      if (key === used || index.row.library.num_chunks > this.#thresholds.flatLimit) continue;
      bytes -= index.bytes;
      this.#letGo(key);
    }
  }
}

function measurementOf(quality: Quality | undefined): LibraryStatistics["index"]["measured"] {
  return quality === undefined ? null : { ...quality, at: new Date(quality.at).toISOString() };
}

const noIndexes = () => ({ libraries: 0, chunks: 0, bytes: 0 });

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
