import { deserialize, serialize } from "node:v8";
import { compile, fieldOf, type Filter, type FilterRecord } from "@arrwdb/protocol/filter";
import { type FilterTree, parseFilter } from "@arrwdb/protocol/filter-tree";
import { limits } from "@arrwdb/protocol/limits";
import { Bitmap, gone } from "./bitmap.ts";
import { all, any, type Bounds, exactly, isExact, not } from "./bounds.ts";
import { ChunkRows } from "./chunk-rows.ts";
import { FieldIndex, type FieldThresholds, type SavedField } from "./field-index.ts";
import { Selection } from "./selection.ts";

/** A chunk with what filters see of it. */
export interface ChunkRecord {
  readonly key: number;
  readonly record: FilterRecord;
}

/** Reads the library's chunks: those with a key above `after`, ascending, and at most `limit` of them. */
export type ReadChunks = (after: number, limit: number) => readonly ChunkRecord[];

export interface MetadataThresholds extends FieldThresholds {
  /** Chunks that are read for one slice of work. */
  readonly slice: number;
  /** Chunks up to which a field is indexed at once when a filter names it. */
  readonly atOnce: number;
  /** Fields that are indexed; beyond, the one that was not used for longest goes. */
  readonly fields: number;
  /** Memory that the fields may take together: so much, and so much more for each chunk. Beyond, the largest goes. */
  readonly bytes: number;
  readonly bytesPerChunk: number;
}

export const defaultMetadataThresholds: MetadataThresholds = {
  few: { values: 32, rowsPerValue: 8, maxValues: 256, textLength: 256 },
  many: { collected: 256, merged: 65_536 },
  slice: 256,
  atOnce: 2_048,
  fields: 64,
  bytes: 1024 * 1024,
  bytesPerChunk: 384,
};

/** Characters of a field's name, dots included; no field of metadata has a longer one. */
const longestName = (limits.metadataDepth + 1) * (limits.metadataKeyLength + 1);

/** What is saved, so that what was made otherwise is not taken for it. */
const metadataFormat = "metadata-1";

interface SavedIndex {
  readonly format: string;
  readonly keys: Uint32Array;
  readonly fields: readonly { readonly name: string; readonly rows: number; readonly index: SavedField }[];
}

interface Field {
  /** Undefined where it took too much memory. */
  index: FieldIndex | undefined;
  /** Rows up to which it is indexed; or, without an index, how many there were when it was given up. */
  rows: number;
}

/**
 * An inverted index of the metadata of one library's chunks: which chunks pass a filter, without reading them.
 *
 * A field is indexed when a filter first names it, so libraries and fields that nobody filters by cost nothing, neither
 * at a start nor in memory, and there is no bound on how many fields documents may have. For a library of more than
 * `atOnce` chunks this is done in slices; until then the field is unknown, and what is selected is not exact. From then
 * on the field follows each change.
 *
 * A field with few values has a compressed bitmap for each; one with many has them sorted, each with its rows. Of texts
 * longer than 64 bytes those know only the beginning and a hash, so equality narrows to a chunk or two that have to be
 * looked at, and so do `$contains` and comparisons with texts that begin alike.
 */
export class MetadataIndex {
  readonly #read: ReadChunks;
  readonly #thresholds: MetadataThresholds;
  #rows: ChunkRows;
  /** Those that were used last stand last. */
  readonly #fields = new Map<string, Field>();
  #unchecked = 0;

  /** @param keys those of the library's chunks, ascending */
  constructor(keys: ArrayLike<number>, read: ReadChunks, thresholds: MetadataThresholds = defaultMetadataThresholds) {
    this.#rows = new ChunkRows(keys);
    this.#read = read;
    this.#thresholds = thresholds;
  }

  /**
   * What `save` gave, brought up to the chunks that there are now. Of those that came since, the records are read like
   * those of a field that is named for the first time.
   *
   * @throws Error where it is of no use
   */
  static restore(
    bytes: Uint8Array,
    keys: ArrayLike<number>,
    read: ReadChunks,
    thresholds: MetadataThresholds = defaultMetadataThresholds,
  ): MetadataIndex {
    const saved: SavedIndex = deserialize(bytes);
    if (saved.format !== metadataFormat) throw new Error(`it was made as ${saved.format}`);
    const index = new MetadataIndex(saved.keys, read, thresholds);
    index.#rows.follow(keys);
    for (const { name, rows, index: field } of saved.fields)
      index.#fields.set(name, { rows, index: FieldIndex.restored(field, thresholds) });
    return index;
  }

  /** Everything that it knows, to be restored after a start. Whoever keeps it makes sure that it comes back unharmed. */
  save(): Uint8Array {
    const fields = [...this.#fields].flatMap(([name, { rows, index }]) =>
      index === undefined ? [] : { name, rows, index: index.saved() },
    );
    const saved: SavedIndex = { format: metadataFormat, keys: this.#rows.all(), fields };
    return serialize(saved);
  }

  /** How many chunks there are. */
  get size(): number {
    return this.#rows.live.size;
  }

  /** An estimate of its memory. */
  get bytes(): number {
    return this.#rows.bytes + this.#fieldBytes();
  }

  /** @param key above those of all other chunks that ever were */
  add(key: number, record: FilterRecord): void {
    const row = this.#rows.add(key);
    for (const [name, field] of this.#fields) {
      if (field.index === undefined || field.rows < row) continue;
      field.index.add(fieldOf(record, name), row);
      field.rows = row + 1;
    }
    if (++this.#unchecked >= this.#thresholds.slice) this.#bound();
  }

  remove(key: number): void {
    this.#rows.remove(key);
    const dead = this.#rows.count - this.#rows.live.size;
    if (dead > this.#rows.live.size + this.#thresholds.slice) this.#compact();
  }

  /** The chunks that pass the filter. Fields that it names for the first time are indexed from now on. */
  evaluate(filter: Filter): Selection {
    const tree = parseFilter(filter);
    this.#demand(tree);
    const unread = this.#rows.count - this.#indexedRows();
    if (unread <= this.#thresholds.atOnce) while (this.work());
    return this.#select(filter, tree);
  }

  /** The same, with the fields that it names indexed first, however long that takes; about as long as reading all. */
  evaluateFully(filter: Filter): Selection {
    const tree = parseFilter(filter);
    this.#demand(tree);
    while (this.work());
    return this.#select(filter, tree);
  }

  /** Does one slice of work that can wait; tells whether there is more. */
  work(): boolean {
    const pending = [...this.#fields].filter(([, field]) => this.#isPending(field));
    if (pending.length === 0) return false;
    const start = this.#indexedRows();
    const { slice } = this.#thresholds;
    const chunks = this.#read(start === 0 ? 0 : this.#rows.key(start - 1), slice);
    for (const { key, record } of chunks) {
      const row = this.#rows.find(key);
      if (row === undefined) continue;
      for (const [name, { index, rows }] of pending) if (row >= rows) index?.add(fieldOf(record, name), row);
    }
    const last = chunks.length < slice ? undefined : chunks.at(-1);
    const end = last === undefined ? this.#rows.count : this.#rows.position(last.key + 1);
    for (const [, field] of pending) field.rows = Math.max(field.rows, end);
    this.#bound();
    return this.#indexedRows() < this.#rows.count;
  }

  /** Whether there is work. */
  get working(): boolean {
    return this.#indexedRows() < this.#rows.count;
  }

  #isPending({ index, rows }: Field): boolean {
    return index !== undefined && rows < this.#rows.count;
  }

  /** Rows up to which every field is indexed. */
  #indexedRows(): number {
    let rows = this.#rows.count;
    for (const field of this.#fields.values()) if (field.index !== undefined) rows = Math.min(rows, field.rows);
    return rows;
  }

  #demand(tree: FilterTree): void {
    const names = [...fieldsIn(tree)].filter(({ length }) => length <= longestName).slice(0, this.#thresholds.fields);
    for (const name of names) {
      const known = this.#fields.get(name);
      const again = known !== undefined && (known.index !== undefined || this.#rows.count < 2 * known.rows);
      this.#fields.delete(name);
      this.#fields.set(name, again ? known : { index: new FieldIndex(this.#thresholds), rows: 0 });
    }
    for (const name of this.#fields.keys()) {
      if (this.#fields.size <= this.#thresholds.fields) break;
      this.#fields.delete(name);
    }
  }

  #select(filter: Filter, tree: FilterTree): Selection {
    const found = this.#evaluate(tree);
    const { live } = this.#rows;
    const maybe = live.and(found.maybe);
    const bounds = isExact(found) ? exactly(maybe) : { sure: live.and(found.sure), maybe };
    return new Selection(this.#rows, bounds, () => compile(filter));
  }

  #evaluate(tree: FilterTree): Bounds {
    const { live } = this.#rows;
    switch (tree.kind) {
      case "field": {
        const field = this.#fields.get(tree.field);
        if (field?.index === undefined || field.rows < this.#rows.count) return { sure: new Bitmap(), maybe: live };
        return field.index.evaluate(tree.condition, live);
      }
      case "not":
        return not(this.#evaluate(tree.part), live);
      case "all": {
        const [first, ...rest] = tree.parts.map((part) => this.#evaluate(part));
        return first === undefined ? exactly(live) : all(first, ...rest);
      }
      case "any":
        return any(tree.parts.map((part) => this.#evaluate(part)));
    }
  }

  #compact(): void {
    const { rows, numbers } = this.#rows.compact();
    for (const field of this.#fields.values()) {
      field.index?.renumber(numbers);
      field.rows = numbers.subarray(0, field.rows).reduce((count, number) => count + (number === gone ? 0 : 1), 0);
    }
    this.#rows = rows;
  }

  /** Keeps what the fields take within its bounds. */
  #bound(): void {
    this.#unchecked = 0;
    const { bytes, bytesPerChunk } = this.#thresholds;
    const allowed = bytes + bytesPerChunk * this.#rows.count;
    while (this.#fieldBytes() > allowed) {
      const [first, ...rest] = this.#fields.values();
      if (first === undefined) return;
      const largest = rest.reduce((a, b) => ((b.index?.bytes ?? 0) > (a.index?.bytes ?? 0) ? b : a), first);
      if (largest.index === undefined) return;
      largest.index = undefined;
      largest.rows = this.#rows.count;
    }
  }

  #fieldBytes(): number {
    let bytes = 0;
    for (const [name, { index }] of this.#fields) bytes += 2 * name.length + 200 + (index?.bytes ?? 0);
    return bytes;
  }
}

function fieldsIn(tree: FilterTree, names = new Set<string>()): ReadonlySet<string> {
  if (tree.kind === "field") names.add(tree.field);
  else if (tree.kind === "not") fieldsIn(tree.part, names);
  else for (const part of tree.parts) fieldsIn(part, names);
  return names;
}
