import type { Log } from "./messages.ts";
import { Graph, graphFormat } from "./graph.ts";
import type { LibraryRow } from "./libraries-table.ts";
import { type IndexThresholds, LibraryIndex } from "./library-index.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Snapshot } from "./snapshots-table.ts";
import type { Tables } from "./tables.ts";

interface OpenIndex {
  readonly row: LibraryRow;
  readonly index: LibraryIndex;
  /** Unsaved changes at which it is saved next; after a failure, so many more. */
  saveAt: number;
}

/** Changes of a graph after which it is worth saving, as a part of its size. */
const savedPart = 0.2;

/** The indexes in memory. They are derived: whatever is missing or broken is made again from the tables. */
export class IndexRegistry {
  readonly #tables: Tables;
  readonly #files: SnapshotFiles;
  readonly #thresholds: IndexThresholds;
  readonly #log: Log;
  readonly #open = new Map<number, OpenIndex>();

  constructor(tables: Tables, files: SnapshotFiles, thresholds: IndexThresholds, log: Log) {
    this.#tables = tables;
    this.#files = files;
    this.#thresholds = thresholds;
    this.#log = log;
    files.keepOnly(tables.snapshots.files());
  }

  /** The library's index, opened and caught up with the tables at its first use. */
  get(row: LibraryRow): LibraryIndex {
    const known = this.#open.get(row.key);
    if (known !== undefined) return known.index;
    const index = this.#load(row);
    this.#open.set(row.key, { row, index, saveAt: this.#thresholds.saveAfter });
    return index;
  }

  /** The index where it is in memory. */
  peek(key: number): LibraryIndex | undefined {
    return this.#open.get(key)?.index;
  }

  /** Forgets the index of a deleted library, with its file. */
  drop({ key, library }: LibraryRow): void {
    this.#open.delete(key);
    try {
      this.#files.keepOnly(this.#tables.snapshots.files());
    } catch (error) {
      this.#log("warn", "a saved index could not be removed; the next start does", {
        library: library.id,
        reason: reasonOf(error),
      });
    }
  }

  /** Forgets an index; the next use makes it again. */
  forget(key: number): void {
    this.#open.delete(key);
  }

  /** Brings the libraries whose graph lags far behind up to date, so that no request waits for it. */
  recover(): void {
    for (const row of this.#tables.libraries.all()) {
      const saved = this.#tables.snapshots.find(row.key)?.keys.length ?? 0;
      if (row.library.num_chunks - saved > this.#thresholds.tailLimit) this.get(row);
    }
  }

  /** Does one slice of work that can wait; tells whether there is more. */
  work(): boolean {
    for (const { row, index } of this.#open.values()) {
      if (!index.migrating) continue;
      this.#migrate(row, index);
      return true;
    }
    for (const open of this.#open.values()) {
      const { row, index, saveAt } = open;
      if (index.unsaved < Math.max(saveAt, index.graphSize * savedPart)) continue;
      open.saveAt = this.#save(row, index) ? this.#thresholds.saveAfter : index.unsaved + this.#thresholds.saveAfter;
      return true;
    }
    return false;
  }

  #migrate(row: LibraryRow, index: LibraryIndex): void {
    try {
      index.migrate();
    } catch (error) {
      // The vectors on their way may be in the graph or not.
      this.#log("error", "an index could not grow and will be rebuilt", {
        library: row.library.id,
        reason: reasonOf(error),
      });
      this.forget(row.key);
    }
  }

  /** Saves what has changed since it was saved. */
  saveAll(): void {
    for (const { row, index } of this.#open.values()) if (index.unsaved > 0) this.#save(row, index);
  }

  /** Tells whether it could. A graph that cannot be saved costs time at the next start, and nothing else. */
  #save(row: LibraryRow, index: LibraryIndex): boolean {
    const { library, key } = row;
    try {
      const { seq } = this.#tables.libraries.find(library.id).library;
      const saved = this.#files.save(`${library.id}-${seq}.usearch`, (path) => index.save(path));
      const tail = index.tailKeys();
      const keys = BigUint64Array.from(
        this.#tables.chunks.keys(key).filter((chunk) => !tail.has(chunk)),
        BigInt,
      );
      this.#tables.snapshots.put(key, { ...saved, seq, keys, format: graphFormat(library.dimension) });
      index.saved();
      this.#files.keepOnly(this.#tables.snapshots.files());
      return true;
    } catch (error) {
      this.#log("warn", "an index could not be saved; it will be rebuilt at the next start", {
        library: library.id,
        reason: reasonOf(error),
      });
      return false;
    }
  }

  #load(row: LibraryRow): LibraryIndex {
    const snapshot = this.#tables.snapshots.find(row.key);
    if (snapshot !== undefined) {
      try {
        return this.#catchUp(row, snapshot);
      } catch (error) {
        this.#log("warn", "a saved index is of no use; rebuilding it", {
          library: row.library.id,
          reason: reasonOf(error),
        });
        this.#tables.snapshots.remove(row.key);
      }
    }
    return this.#fill(
      row,
      new LibraryIndex(row.library.dimension, this.#thresholds),
      this.#tables.chunks.keys(row.key),
    );
  }

  #catchUp(row: LibraryRow, snapshot: Snapshot): LibraryIndex {
    const { dimension } = row.library;
    if (snapshot.format !== graphFormat(dimension)) throw new Error(`it was made as ${snapshot.format}`);
    // The native loader trusts its file, so it sees only one that is what was saved.
    const { size, checksum } = this.#files.measure(snapshot.file);
    if (size !== snapshot.size || checksum !== snapshot.checksum) throw new Error("its file is not what was saved");
    const graph = new Graph(dimension);
    graph.load(this.#files.path(snapshot.file));
    const saved = new Set(Array.from(snapshot.keys, Number));
    if (graph.size !== saved.size) throw new Error(`it holds ${graph.size} vectors instead of ${saved.size}`);
    const index = new LibraryIndex(dimension, this.#thresholds, graph);
    const present = this.#tables.chunks.keys(row.key);
    const missing = present.filter((key) => !saved.delete(key));
    index.remove([...saved]);
    this.#fill(row, index, missing);
    if (index.size !== present.length) throw new Error(`it leads to ${index.size} of ${present.length} vectors`);
    return index;
  }

  #fill(row: LibraryRow, index: LibraryIndex, keys: readonly number[]): LibraryIndex {
    if (keys.length > this.#thresholds.tailLimit) {
      this.#log("info", "rebuilding an index", { library: row.library.id, chunks: keys.length });
    }
    for (const key of keys) {
      const vector = this.#tables.chunks.vector(key);
      if (vector !== undefined) index.add(key, vector);
    }
    return index;
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
