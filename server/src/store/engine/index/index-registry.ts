import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { ChunksTable } from "../rows/chunks-table.ts";
import type { IndexChange } from "../changes/index-change.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { Log } from "../threads/thread-messages.ts";
import type { IndexDefinition } from "./index-definition.ts";
import { indexDefinitions } from "./index-kinds.ts";
import { IndexSaver } from "./index-saver.ts";
import type { IndexThresholds } from "./index-thresholds.ts";
import { indexStatistics, totalsByKind, type RegistryTotals } from "./index-totals.ts";
import { LibraryIndex } from "./library-index.ts";
import { reasonOf } from "./reason-of.ts";
import type { Snapshots } from "./snapshots.ts";

/** Number of indexes opened between checks of memory. */
const evictEvery = 64;

export interface IndexRegistryOptions {
  readonly chunks: ChunksTable;
  readonly snapshots: Snapshots;
  readonly thresholds: IndexThresholds;
  readonly log: Log;
  /** The available kinds of index. */
  readonly definitions?: readonly IndexDefinition[];
}

/** The indexes in memory. They are derived data: missing or damaged ones are rebuilt from the tables. */
export class IndexRegistry {
  readonly #chunks: ChunksTable;
  readonly #snapshots: Snapshots;
  readonly #thresholds: IndexThresholds;
  readonly #log: Log;
  readonly #definitions: readonly IndexDefinition[];
  readonly #saver: IndexSaver;
  /** Least recently used first. */
  readonly #open = new Map<number, LibraryIndex>();
  /** Large libraries to be opened in the background. */
  readonly #wanted = new Map<number, LibraryRow>();
  /** Those that existed at the start. */
  readonly #recovering = new Set<number>();
  /** Indexes opened or changed since they last had no work. */
  readonly #active = new Set<number>();
  /** Libraries that searches wait for; opened before others. */
  readonly #urgent = new Set<number>();
  #opened = 0;

  constructor({ chunks, snapshots, thresholds, log, definitions = indexDefinitions }: IndexRegistryOptions) {
    this.#chunks = chunks;
    this.#snapshots = snapshots;
    this.#thresholds = thresholds;
    this.#log = log;
    this.#definitions = definitions;
    this.#saver = new IndexSaver({ snapshots, saveAfter: thresholds.saveAfter, log });
  }

  /** Schedules the large ones, as opening them takes long. */
  recover(rows: readonly LibraryRow[]): void {
    for (const row of rows) {
      if (row.library.num_chunks <= this.#thresholds.flatLimit) continue;
      this.#wanted.set(row.key, row);
      this.#recovering.add(row.key);
    }
  }

  /** The library's index, opened on first use. Needs a snapshot of the tables with exactly the changes applied here. */
  get(row: LibraryRow): LibraryIndex {
    const known = this.#open.get(row.key);
    if (known !== undefined) {
      this.#open.delete(row.key);
      this.#open.set(row.key, known);
      known.update(row);
      // A filter may create work for it.
      this.#active.add(row.key);
      return known;
    }
    this.#wanted.delete(row.key);
    const index = this.#load(row);
    if (!index.preparing) this.#recovering.delete(row.key);
    this.#open.set(row.key, index);
    this.#active.add(row.key);
    if (++this.#opened % evictEvery === 0) this.#evict(row.key);
    return index;
  }

  /** Builds the index of the vectors that the library is being re-embedded to; returns whether it is ready. As `get`. */
  buildNext(row: LibraryRow): boolean {
    const index = this.get(row);
    return !index.loading && index.buildNext(row);
  }

  get walkShare(): number {
    return this.#thresholds.walkShare;
  }

  get comparedAtOnce(): number {
    return this.#thresholds.comparedAtOnce;
  }

  /** The library's index, if it is in memory. */
  peek(key: number): LibraryIndex | undefined {
    return this.#open.get(key);
  }

  /** Statistics of the library's index. */
  statistics({ key, library }: LibraryRow): LibraryStatistics["index"] {
    const index = this.peek(key);
    return {
      settings: library.index,
      pending: index?.pending ?? (this.#wanted.has(key) ? library.num_chunks : 0),
      rebuilding: index?.rebuilding ?? this.#wanted.has(key),
      ...indexStatistics(index),
    };
  }

  /** Applies a commit. An index that is not open needs no update: it is opened from the tables. */
  apply({ row, added, removed, patched, nextKeys, changedOver, dropped }: IndexChange): void {
    if (dropped) return this.#drop(row);
    if (changedOver === true) return this.#changeOver(row);
    const index = this.#open.get(row.key);
    if (index === undefined) {
      if (row.library.num_chunks + added.length > this.#thresholds.flatLimit) this.#wanted.set(row.key, row);
      return;
    }
    this.#active.add(row.key);
    try {
      index.update(row);
      index.remove(removed);
      for (const { key, vector } of added) index.add(key, vector);
      if (patched !== undefined) index.patch(patched);
      if (nextKeys !== undefined) index.addNext(nextKeys);
      if (row.next === undefined) index.dropNext();
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
  totals(): RegistryTotals {
    const libraries = [...this.#open.values()];
    const kinds = this.#definitions.map(({ kind }) => kind);
    return {
      pending: this.pending,
      rebuilding: this.#wanted.size + libraries.filter(({ rebuilding }) => rebuilding).length,
      indexes: totalsByKind(kinds, libraries),
      metadataBytes: libraries.reduce((sum, { metadataBytes }) => sum + metadataBytes, 0),
    };
  }

  /** Whether every large library of the start was opened, or no longer exists. */
  get recovered(): boolean {
    return this.#recovering.size === 0;
  }

  get pending(): number {
    return this.#wanted.size + this.#busy().reduce((sum, index) => sum + index.pending, 0);
  }

  /** Runs one slice of work on open indexes; returns whether there is more. */
  work(): boolean {
    for (const index of this.#busy()) {
      try {
        if (index.work()) {
          // Other indexes get a slice before its next one.
          this.#active.delete(index.row.key);
          this.#active.add(index.row.key);
          return true;
        }
      } catch (error) {
        this.fail(index.row, error);
        return true;
      }
      if (!index.preparing && index.rebuildReason === undefined && index.pending === 0)
        this.#active.delete(index.row.key);
    }
    return false;
  }

  /** Whether there is work that needs a snapshot of the tables like that of `get`. */
  get wanting(): boolean {
    return this.#wanted.size > 0 || this.#busy().some((index) => index.preparing || index.rebuildReason !== undefined);
  }

  /** Gives this library priority, as searches wait until it is opened. */
  prioritize(key: number): void {
    this.#urgent.add(key);
  }

  /** Runs one slice of it. @param find returns the current row of a library, or undefined if it was deleted */
  open(find: (id: string) => LibraryRow | undefined): void {
    for (const key of this.#urgent) {
      const index = this.peek(key);
      if (index?.preparing === true) return this.#prepare(index);
      this.#urgent.delete(key);
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
      const why = index.rebuildReason;
      if (why === undefined) continue;
      index.rebuild(why);
      return;
    }
  }

  #prepare(index: LibraryIndex): void {
    index.prepare();
    if (!index.preparing) this.#recovering.delete(index.row.key);
  }

  /** Increases the effort of searches of a library; returns whether it could. */
  increaseEffort(row: LibraryRow): boolean {
    const index = this.get(row);
    const wider = index.increaseEffort();
    const { effort } = index.searchable ?? {};
    if (wider)
      this.#log("info", "recall was too low; searches examine more candidates", { library: row.library.id, effort });
    return wider;
  }

  /** Starts saving an index with many changes; returns whether there was one. To be called when idle, as it takes long. */
  beginSaving(): boolean {
    return this.#saver.begin(this.#open.values());
  }

  get saving(): boolean {
    return this.#saver.saving;
  }

  /** Runs a slice of what `beginSaving` started. */
  continueSaving(): void {
    this.#saver.continue();
  }

  /** Saves unsaved changes and closes all indexes. */
  close(): void {
    for (const index of this.#open.values()) {
      this.#saver.saveNow(index);
      index.close();
    }
    this.#open.clear();
  }

  #busy(): readonly LibraryIndex[] {
    return [...this.#active].flatMap((key) => this.#open.get(key) ?? []);
  }

  /** What was saved is of no use any more; what is found of it at the next start is of another format. */
  #changeOver(row: LibraryRow): void {
    const index = this.#open.get(row.key);
    try {
      if (index !== undefined) this.#saver.abandon(index);
      if (index?.changeOver(row) !== true) this.#reopen(row);
      else this.#active.add(row.key);
    } catch (error) {
      this.fail(row, error);
    }
    this.#removeSaved(row);
  }

  /** Its index is made from the tables: when it is used, or in the background if it is large. */
  #reopen(row: LibraryRow): void {
    this.#release(row.key);
    if (row.library.num_chunks > this.#thresholds.flatLimit) this.#wanted.set(row.key, row);
  }

  #drop({ key, library }: LibraryRow): void {
    this.#wanted.delete(key);
    this.#recovering.delete(key);
    try {
      this.#release(key);
      this.#snapshots.remove(key);
    } catch (error) {
      this.#log("warn", "a saved index could not be removed; retrying at the next start", {
        library: library.id,
        reason: reasonOf(error),
      });
    }
  }

  /** Discards an index that failed; it is rebuilt on next use. */
  fail(row: LibraryRow, error: unknown): void {
    this.#log("error", "an index failed and will be rebuilt", { library: row.library.id, reason: reasonOf(error) });
    this.#wanted.set(row.key, row);
    try {
      this.#release(row.key);
    } catch (failure) {
      this.#log("warn", "an index could not be closed", { library: row.library.id, reason: reasonOf(failure) });
    }
    this.#removeSaved(row);
  }

  /** Files that cannot be removed, as on a full disk, are found to be invalid at the next start. */
  #removeSaved({ key, library }: LibraryRow): void {
    try {
      this.#snapshots.remove(key);
    } catch (error) {
      this.#log("warn", "index files could not be removed", { library: library.id, reason: reasonOf(error) });
    }
  }

  #release(key: number): void {
    const index = this.peek(key);
    if (index !== undefined) this.#saver.abandon(index);
    this.#open.delete(key);
    index?.close();
  }

  #load(row: LibraryRow): LibraryIndex {
    const { key, library } = row;
    const index = new LibraryIndex({
      row,
      definitions: this.#definitions,
      vectors: (space) => {
        const vectors = this.#chunks.inSpace(space);
        return {
          vector: (chunk) => vectors.vector(chunk),
          keysAfter: (after, limit) => vectors.keysAfter(key, after, limit),
        };
      },
      resources: {
        files: this.#snapshots.files,
        thresholds: this.#thresholds,
        log: this.#log,
      },
      chunks: {
        keysAfter: (after, limit) => this.#chunks.keysAfter(key, after, limit),
        records: (after, limit) => this.#chunks.records(key, after, limit),
        record: (chunk) => this.#chunks.record(chunk),
      },
      discard: (error) => {
        const reason = reasonOf(error);
        this.#log("warn", "a saved index cannot be used; rebuilding it", { library: library.id, reason });
        this.#removeSaved(row);
      },
    });
    index.start((planned) => this.#snapshots.load(row, planned));
    return index;
  }

  /** Closes the least recently used small indexes while they exceed their share of memory. */
  #evict(used: number): void {
    const small = this.#open
      .entries()
      .filter(([, index]) => index.searchable?.exact === true && !index.rebuilding)
      .toArray();
    let bytes = small.reduce((sum, [, index]) => sum + index.bytes, 0);
    for (const [key, index] of small) {
      if (bytes <= this.#thresholds.flatBytes) return;
      if (key === used || index.row.library.num_chunks > this.#thresholds.flatLimit) continue;
      bytes -= index.bytes;
      this.#release(key);
    }
  }
}
