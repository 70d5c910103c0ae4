import { fieldOf, type FilterRecord } from "@arrwdb/protocol/filter";
import { limits } from "@arrwdb/protocol/limits";
import { gone, type NewNumbers } from "./bitmap.ts";
import { FieldNames } from "./field-names.ts";
import { FieldIndex, type FieldThresholds, type SavedField } from "./field-index.ts";

export interface FieldsThresholds extends FieldThresholds {
  /** Fields that are indexed; beyond, the one that was not used for longest goes. */
  readonly fields: number;
  /** Memory that the fields may take together: so much, and so much more for each chunk. Beyond, the largest goes. */
  readonly bytes: number;
  readonly bytesPerChunk: number;
}

/** Characters of a field's name, dots included; no field of metadata has a longer one. */
const longestName = (limits.metadataDepth + 1) * (limits.metadataKeyLength + 1);

interface Field {
  readonly name: string;
  /** Undefined where it took too much memory. */
  index: FieldIndex | undefined;
  /** Rows up to which it is indexed; or, without an index, how many there were when it was given up. */
  rows: number;
}

/** A field as it is saved. */
export interface SavedFieldRows {
  readonly name: string;
  readonly rows: number;
  readonly index: SavedField;
}

/** The fields that filters have named, each indexed up to some row. */
export class IndexedFields {
  readonly #thresholds: FieldsThresholds;
  /** Those that were used last stand last. */
  readonly #fields = new Map<string, Field>();
  readonly #names = new FieldNames();
  /** What is known of a field that no row has. */
  readonly #nothing: FieldIndex;

  constructor(thresholds: FieldsThresholds, saved: readonly SavedFieldRows[] = []) {
    this.#thresholds = thresholds;
    this.#nothing = new FieldIndex(thresholds);
    for (const { name, rows, index } of saved)
      this.#fields.set(name, { name, rows, index: FieldIndex.restored(index, thresholds) });
  }

  saved(): readonly SavedFieldRows[] {
    return [...this.#fields.values()].flatMap(({ name, rows, index }) =>
      index === undefined ? [] : { name, rows, index: index.saved() },
    );
  }

  /** An estimate of their memory. */
  get bytes(): number {
    let bytes = this.#names.bytes;
    for (const { name, index } of this.#fields.values()) bytes += 2 * name.length + 200 + (index?.bytes ?? 0);
    return bytes;
  }

  /** The field's index, where it knows the first `count` rows. */
  find(name: string, count: number): FieldIndex | undefined {
    if (this.#names.lacks(name, count)) return this.#nothing;
    const field = this.#fields.get(name);
    return field === undefined || field.rows < count ? undefined : field.index;
  }

  /** Whether the field will be known when more rows have been taken in. */
  awaits(name: string, count: number): boolean {
    if (this.#names.lacks(name, count)) return false;
    const field = this.#fields.get(name);
    return field?.index !== undefined && field.rows < count;
  }

  /** Notes that these fields are used, and begins with those that are not known. Those that are too many stay unknown. */
  use(names: Iterable<string>, count: number): void {
    const { fields } = this.#thresholds;
    const used = [...names]
      .filter((name) => name.length <= longestName && !this.#names.lacks(name, count))
      .slice(0, fields);
    for (const name of used) {
      const known = this.#fields.get(name);
      // A field that was given up may be worth another try in a library that has become much larger.
      const stays = known !== undefined && (known.index !== undefined || count < 2 * known.rows);
      this.#fields.delete(name);
      this.#fields.set(name, stays ? known : { name, index: new FieldIndex(this.#thresholds), rows: 0 });
    }
    while (this.#fields.size > fields) this.#fields.delete(this.#leastUseful(count, new Set(used)));
  }

  /**
   * One that is given up where there are too many: one that no row has, or else the one that was begun last, or else the one
   * that was not used for longest. So names that no chunk has, however many, put out none that chunks have.
   */
  #leastUseful(count: number, used: ReadonlySet<string>): string {
    const others = [...this.#fields.values()].filter(({ name }) => !used.has(name));
    const empty = others.find(({ index, rows }) => index?.empty === true && rows >= count);
    const begun = others.findLast(({ index, rows }) => index !== undefined && rows < count);
    return (empty ?? begun ?? others[0])?.name ?? "";
  }

  /**
   * Rows up to which the field is indexed that is nearest to knowing all of `count`, or `count` where all do. One after the
   * other, as those that are begun all the time would let none come to its end.
   */
  indexedRows(count: number): number {
    let most = -1;
    for (const { index, rows } of this.#fields.values()) {
      if (index !== undefined && rows < count) most = Math.max(most, rows);
    }
    return most === -1 ? count : most;
  }

  /** Takes rows from `start` up to `end`, ascending, into the fields that know just the rows before. */
  add(records: Iterable<readonly [row: number, record: FilterRecord]>, start: number, end: number): void {
    const behind = [...this.#fields.values()].filter(({ rows }) => rows === start);
    const isNew = this.#names.rows >= start && this.#names.rows < end;
    for (const [row, record] of records) {
      if (isNew) this.#names.note(record);
      for (const { name, index } of behind) index?.add(fieldOf(record, name), row);
    }
    for (const field of behind) if (field.index !== undefined) field.rows = end;
    if (isNew) this.#names.reach(end);
  }

  /** Takes one row into the fields that know all before it. */
  addLast(row: number, record: FilterRecord): void {
    if (this.#names.rows === row) {
      this.#names.note(record);
      this.#names.reach(row + 1);
    }
    for (const field of this.#fields.values()) {
      if (field.index === undefined || field.rows < row) continue;
      field.index.add(fieldOf(record, field.name), row);
      field.rows = row + 1;
    }
  }

  renumber(numbers: NewNumbers): void {
    this.#names.reach(remaining(numbers, this.#names.rows));
    for (const field of this.#fields.values()) {
      field.index?.renumber(numbers);
      field.rows = remaining(numbers, field.rows);
    }
  }

  /** Keeps their memory within its bounds. */
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
