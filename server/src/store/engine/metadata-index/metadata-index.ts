import { deserialize, serialize } from "node:v8";
import { compile, type Filter, type FilterRecord } from "@arrwdb/protocol/filter/filter";
import { type FilterTree, parseFilter } from "@arrwdb/protocol/filter/filter-tree";
import { Bitmap } from "./rows/bitmap.ts";
import type { CapturedFields } from "./captured-fields.ts";
import { all, any, type Bounds, exactly, isExact, not } from "./values/value-bounds.ts";
import { ChunkRows } from "./rows/chunk-rows.ts";
import { type FieldsThresholds, IndexedFields, type SavedFieldRows } from "./indexed-fields.ts";
import { Selection } from "./row-selection.ts";

/** A chunk with the fields that filters can test. */
export interface ChunkRecord {
  readonly key: number;
  readonly record: FilterRecord;
}

/** Reads the library's chunks: those with a key greater than `after`, ascending, and at most `limit` of them. */
export type ReadChunks = (after: number, limit: number) => readonly ChunkRecord[];

export interface MetadataThresholds extends FieldsThresholds {
  /** Chunks read per slice of work. */
  readonly slice: number;
  /** Number of chunks read at once when a filter needs them; if there are more, the filter is answered without an index. */
  readonly atOnce: number;
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

/** Version of the saved format, so that other formats are rejected. */
const metadataFormat = "metadata-5";

interface SavedIndex {
  readonly format: string;
  readonly keys: Uint32Array;
  readonly fields: readonly SavedFieldRows[];
}

/**
 * An inverted index of the metadata of one library's chunks: returns which chunks pass a filter, without reading them.
 *
 * A field is indexed when a filter first uses it, so libraries and fields without filters cost nothing, neither at startup
 * nor in memory, and documents may have any number of fields. If that requires reading more than `atOnce` chunks, it is
 * done in slices; until then the field is unknown, and selections are not exact. From then on the field follows each
 * change, and is saved with the others.
 *
 * A field with few distinct values has a compressed bitmap per value; one with many has them sorted, each with its rows.
 * For texts longer than 64 bytes the latter only store the beginning and a hash, so equality narrows to a few chunks that
 * have to be verified, and so do `$contains` and comparisons of texts with the same beginning.
 */
export class MetadataIndex {
  readonly #read: ReadChunks;
  readonly #thresholds: MetadataThresholds;
  #rows: ChunkRows;
  #fields: IndexedFields;
  /** Number of chunks added since the memory was measured. */
  #unmeasured = 0;

  /**
   * @param keys those of the library's chunks, ascending
   * @param read reads chunks when a filter uses a field for the first time
   */
  constructor(keys: ArrayLike<number>, read: ReadChunks, thresholds: MetadataThresholds = defaultMetadataThresholds) {
    this.#rows = new ChunkRows(keys);
    this.#read = read;
    this.#thresholds = thresholds;
    this.#fields = new IndexedFields(thresholds);
  }

  /**
   * Restores the result of `save`, updated to the current chunks. Records of chunks added since are read as for a newly used
   * field. Chunks whose records have changed since have to be told by `update`.
   *
   * @throws Error if it cannot be used
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
    index.#fields = new IndexedFields(thresholds, saved.fields);
    return index;
  }

  /** Its state, to be restored after a start. The caller has to ensure its integrity. */
  save(): Uint8Array {
    // A chunk has one row in what is saved.
    if (this.#rows.ordered < this.#rows.count) this.#compact();
    const saved: SavedIndex = { format: metadataFormat, keys: this.#rows.all(), fields: this.#fields.saved() };
    return serialize(saved);
  }

  /** Number of chunks. */
  get size(): number {
    return this.#rows.live.size;
  }

  /** Greatest key ever added. */
  get lastKey(): number {
    return this.#rows.lastKey;
  }

  /** Estimated memory in bytes. */
  get bytes(): number {
    return this.#rows.bytes + this.#fields.bytes;
  }

  /** @param key greater than those of all chunks ever added */
  add(key: number, record: FilterRecord): void {
    this.#fields.addLast(this.#rows.add(key), record);
    if (++this.#unmeasured >= this.#thresholds.slice) this.#measure();
  }

  /**
   * The record of a chunk has changed. It is read when a filter needs it, unless it is given. Ignored if the chunk is not
   * here, or its record was not read yet.
   */
  update(key: number, record?: FilterRecord): void {
    const known = this.#rows.find(key);
    if (known === undefined || !this.#fields.covers(known)) return;
    const row = this.#rows.move(key);
    if (row === undefined) return;
    if (record !== undefined) this.#fields.addLast(row, record);
    if (++this.#unmeasured >= this.#thresholds.slice) this.#measure();
    this.#compactIfSparse();
  }

  remove(key: number): void {
    this.#rows.remove(key);
    this.#compactIfSparse();
  }

  #compactIfSparse(): void {
    const dead = this.#rows.count - this.size;
    if (dead > this.size + this.#thresholds.slice) this.#compact();
  }

  /** The chunks that pass the filter. Fields used for the first time are indexed from now on. */
  evaluate(filter: Filter): Selection {
    return this.#select(filter, this.#thresholds.atOnce);
  }

  /** The same, but indexes its fields first, which may take as long as reading every chunk once. */
  evaluateFully(filter: Filter): Selection {
    return this.#select(filter, Infinity);
  }

  /**
   * The chunks that pass the filter and the values of these fields; undefined if one of these is not known. Fields used for
   * the first time are indexed from now on.
   */
  capture(filter: Filter, names: readonly string[]): CapturedFields | undefined {
    this.#fields.use(new Set([...fieldsIn(parseFilter(filter)), ...names]), this.#rows.count);
    const selection = this.evaluate(filter);
    const { count } = this.#rows;
    const walks = names.flatMap((name) => this.#fields.find(name, count)?.walk() ?? []);
    if (walks.length < names.length) return undefined;
    const rows = this.#rows;
    return {
      ...selection.rowSets(),
      count,
      rows: { key: (row) => rows.key(row), find: (key) => rows.find(key, count) },
      walks,
    };
  }

  /** Whether more work will complete one of the fields that the filter uses, or one of the others. */
  awaits(filter: Filter, others: readonly string[] = []): boolean {
    return [...fieldsIn(parseFilter(filter)), ...others].some((name) => this.#fields.awaits(name, this.#rows.count));
  }

  /** Whether fields that filters have used are not indexed yet. */
  get working(): boolean {
    return this.#unread > 0;
  }

  /** Runs one slice of deferred work; returns whether there is more. */
  work(): boolean {
    const { count } = this.#rows;
    const start = this.#fields.indexedRows(count);
    if (start === count) return false;
    if (start < this.#rows.ordered) this.#readInOrder(start);
    else this.#readOneByOne(start);
    this.#measure();
    return this.working;
  }

  /** Reads a slice of chunks whose rows are in the order of their keys. */
  #readInOrder(start: number): void {
    const { slice } = this.#thresholds;
    const chunks = this.#read(start === 0 ? 0 : this.#rows.key(start - 1), slice);
    const last = chunks.length < slice ? undefined : chunks.at(-1);
    const end = last === undefined ? this.#rows.ordered : this.#rows.position(last.key + 1);
    const known = chunks.flatMap(({ key, record }): [number, FilterRecord][] => {
      const row = this.#rows.find(key);
      // Chunks that were moved are read at their new rows.
      return row === undefined || row >= end ? [] : [[row, record]];
    });
    this.#fields.add(known, start, end);
  }

  #readOneByOne(start: number): void {
    const { count, live } = this.#rows;
    // Reading one by one takes about twice as long.
    const end = Math.min(count, start + Math.ceil(this.#thresholds.slice / 2));
    const known: [number, FilterRecord][] = [];
    for (let row = start; row < end; row++) {
      const key = this.#rows.key(row);
      const [chunk] = live.has(row) ? this.#read(key - 1, 1) : [];
      if (chunk?.key === key) known.push([row, chunk.record]);
    }
    this.#fields.add(known, start, end);
  }

  get #unread(): number {
    return this.#rows.count - this.#fields.indexedRows(this.#rows.count);
  }

  #select(filter: Filter, atOnce: number): Selection {
    const tree = parseFilter(filter);
    this.#fields.use(fieldsIn(tree), this.#rows.count);
    if (this.#rows.count <= atOnce || this.#unread <= atOnce) while (this.work());
    const found = this.#evaluate(tree);
    const { live } = this.#rows;
    const maybe = live.and(found.maybe);
    const bounds = isExact(found) ? exactly(maybe) : { sure: live.and(found.sure), maybe };
    return new Selection(this.#rows, bounds, () => compile(filter));
  }

  #evaluate(tree: FilterTree): Bounds {
    const { live, count } = this.#rows;
    switch (tree.kind) {
      case "field": {
        const field = this.#fields.find(tree.field, count);
        return field === undefined ? { sure: new Bitmap(), maybe: live } : field.evaluate(tree.condition, live);
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
    this.#fields.renumber(numbers);
    this.#rows = rows;
  }

  #measure(): void {
    this.#unmeasured = 0;
    this.#fields.bound(this.#rows.count);
  }
}

function fieldsIn(tree: FilterTree, names = new Set<string>()): ReadonlySet<string> {
  if (tree.kind === "field") names.add(tree.field);
  else if (tree.kind === "not") fieldsIn(tree.part, names);
  else for (const part of tree.parts) fieldsIn(part, names);
  return names;
}
