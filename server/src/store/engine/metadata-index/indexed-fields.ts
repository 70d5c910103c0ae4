import { fieldReader, type FilterRecord, metadataPrefix } from "@arrwdb/protocol/filter/field-values";
import { limits } from "@arrwdb/protocol/limits";
import { gone, type NewNumbers } from "./rows/bitmap.ts";
import { FieldNames } from "./field-names.ts";
import { FieldIndex, type FieldThresholds, type SavedField } from "./field-index.ts";

export interface FieldsThresholds extends FieldThresholds {
  /** Maximum number of indexed fields; beyond that, the least recently used is evicted. */
  readonly fields: number;
  /** Maximum memory of all fields: a constant, and an amount per chunk. Beyond that, the largest is evicted. */
  readonly bytes: number;
  readonly bytesPerChunk: number;
}

/** Maximum characters of a field's path, including dots; no metadata field has a longer one. */
const longestName = metadataPrefix.length + (limits.metadataDepth + 1) * (limits.metadataKeyLength + 1);

interface Field {
  readonly name: string;
  readonly read: ReturnType<typeof fieldReader>;
  /** Undefined if it took too much memory. */
  index: FieldIndex | undefined;
  /** Number of rows indexed; without an index, the number of rows when it was evicted. */
  rows: number;
}

/** A serialized field. */
export interface SavedFieldRows {
  readonly name: string;
  readonly rows: number;
  readonly index: SavedField;
}

/** The fields that filters have used, each indexed up to some row. */
export class IndexedFields {
  readonly #thresholds: FieldsThresholds;
  /** Least recently used first. */
  readonly #fields = new Map<string, Field>();
  readonly #names = new FieldNames();
  /** The result for a field that no row has. */
  readonly #nothing: FieldIndex;

  constructor(thresholds: FieldsThresholds, saved: readonly SavedFieldRows[] = []) {
    this.#thresholds = thresholds;
    this.#nothing = new FieldIndex(thresholds);
    for (const { name, rows, index } of saved)
      this.#fields.set(name, { name, read: fieldReader(name), rows, index: FieldIndex.restored(index, thresholds) });
  }

  saved(): readonly SavedFieldRows[] {
    return [...this.#fields.values()].flatMap(({ name, rows, index }) =>
      index === undefined ? [] : { name, rows, index: index.saved() },
    );
  }

  /** Their estimated memory in bytes. */
  get bytes(): number {
    let bytes = this.#names.bytes;
    for (const { name, index } of this.#fields.values()) bytes += 2 * name.length + 200 + (index?.bytes ?? 0);
    return bytes;
  }

  /** The field's index, if it covers the first `count` rows. */
  find(name: string, count: number): FieldIndex | undefined {
    if (this.#names.lacks(name, count)) return this.#nothing;
    const field = this.#fields.get(name);
    return field === undefined || field.rows < count ? undefined : field.index;
  }

  /** Whether the field will be indexed once more rows have been added. */
  awaits(name: string, count: number): boolean {
    if (this.#names.lacks(name, count)) return false;
    const field = this.#fields.get(name);
    return field?.index !== undefined && field.rows < count;
  }

  /** Marks these fields as used, and starts to index new ones. Those beyond the maximum stay unknown. */
  use(names: Iterable<string>, count: number): void {
    const { fields } = this.#thresholds;
    const used = [...names]
      .filter((name) => name.length <= longestName && !this.#names.lacks(name, count))
      .slice(0, fields);
    for (const name of used) {
      const known = this.#fields.get(name);
      // An evicted field may be worth another try in a library that has become much larger.
      const stays = known !== undefined && (known.index !== undefined || count < 2 * known.rows);
      this.#fields.delete(name);
      this.#fields.set(
        name,
        stays ? known : { name, read: fieldReader(name), index: new FieldIndex(this.#thresholds), rows: 0 },
      );
    }
    while (this.#fields.size > fields) this.#fields.delete(this.#leastUseful(count, new Set(used)));
  }

  /**
   * The field to evict if there are too many: one that no row has, or else the one started last, or else the least recently
   * used. So field names that no chunk has, however many, never evict fields that chunks have.
   */
  #leastUseful(count: number, used: ReadonlySet<string>): string {
    const others = [...this.#fields.values()].filter(({ name }) => !used.has(name));
    const empty = others.find(({ index, rows }) => index?.empty === true && rows >= count);
    const begun = others.findLast(({ index, rows }) => index !== undefined && rows < count);
    return (empty ?? begun ?? others[0])?.name ?? "";
  }

  /**
   * Number of rows of the incomplete field that has the most, or `count` if all are complete. One field is completed after
   * the other, as otherwise a stream of new fields could keep all from being completed.
   */
  indexedRows(count: number): number {
    let most = -1;
    for (const { index, rows } of this.#fields.values()) {
      if (index !== undefined && rows < count) most = Math.max(most, rows);
    }
    return most === -1 ? count : most;
  }

  /** Adds rows from `start` to `end`, ascending, to the fields indexed exactly up to there. */
  add(records: Iterable<readonly [row: number, record: FilterRecord]>, start: number, end: number): void {
    const behind = [...this.#fields.values()].filter(({ rows }) => rows === start);
    const isNew = this.#names.rows >= start && this.#names.rows < end;
    for (const [row, record] of records) {
      if (isNew) this.#names.note(record);
      for (const { read, index } of behind) index?.add(read(record), row);
    }
    for (const field of behind) if (field.index !== undefined) field.rows = end;
    if (isNew) this.#names.reach(end);
  }

  /** Adds one row to the fields that are indexed up to it. */
  addLast(row: number, record: FilterRecord): void {
    if (this.#names.rows === row) {
      this.#names.note(record);
      this.#names.reach(row + 1);
    }
    for (const field of this.#fields.values()) {
      if (field.index === undefined || field.rows < row) continue;
      field.index.add(field.read(record), row);
      field.rows = row + 1;
    }
  }

  /** Whether something is known of a row. */
  covers(row: number): boolean {
    return row < this.#names.rows || this.#fields.values().some(({ index, rows }) => index !== undefined && row < rows);
  }

  renumber(numbers: NewNumbers): void {
    this.#names.reach(remaining(numbers, this.#names.rows));
    for (const field of this.#fields.values()) {
      field.index?.renumber(numbers);
      field.rows = remaining(numbers, field.rows);
    }
  }

  /** Keeps their memory within its limit. */
  bound(count: number): void {
    const { bytes, bytesPerChunk } = this.#thresholds;
    while (this.bytes > bytes + bytesPerChunk * count) {
      const sizes = Array.from(this.#fields.values(), (field) => ({ field, size: field.index?.bytes ?? 0 }));
      const largest = sizes.toSorted((a, b) => b.size - a.size)[0]?.field;
      if (largest?.index === undefined) return;
      largest.index = undefined;
      largest.rows = count;
    }
  }
}

/** How many of the first rows remain. */
function remaining(numbers: NewNumbers, rows: number): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if (numbers[row] !== gone) count++;
  return count;
}
