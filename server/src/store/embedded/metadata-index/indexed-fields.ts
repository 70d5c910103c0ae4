import { fieldOf, type FilterRecord } from "@arrwdb/protocol/filter";
import { limits } from "@arrwdb/protocol/limits";
import { gone, type NewNumbers } from "./bitmap.ts";
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

  constructor(thresholds: FieldsThresholds, saved: readonly SavedFieldRows[] = []) {
    this.#thresholds = thresholds;
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
    let bytes = 0;
    for (const { name, index } of this.#fields.values()) bytes += 2 * name.length + 200 + (index?.bytes ?? 0);
    return bytes;
  }

  /** The field's index, where it knows the first `count` rows. */
  find(name: string, count: number): FieldIndex | undefined {
    const field = this.#fields.get(name);
    return field === undefined || field.rows < count ? undefined : field.index;
  }

  /** Notes that these fields are used, and begins with those that are not known. Those that are too many stay unknown. */
  use(names: Iterable<string>, count: number): void {
    const { fields } = this.#thresholds;
    const used = [...names].filter(({ length }) => length <= longestName).slice(0, fields);
    for (const name of used) {
      const known = this.#fields.get(name);
      // A field that was given up may be worth another try in a library that has become much larger.
      const stays = known !== undefined && (known.index !== undefined || count < 2 * known.rows);
      this.#fields.delete(name);
      this.#fields.set(name, stays ? known : { name, index: new FieldIndex(this.#thresholds), rows: 0 });
    }
    for (const name of this.#fields.keys()) {
      if (this.#fields.size <= fields) break;
      this.#fields.delete(name);
    }
  }

  /** Rows up to which every field is indexed, at most `count`. */
  indexedRows(count: number): number {
    let least = count;
    for (const { index, rows } of this.#fields.values()) if (index !== undefined) least = Math.min(least, rows);
    return least;
  }

  /** Takes rows up to `end`, ascending, into the fields that do not know them, of which each has to know those before. */
  add(records: Iterable<readonly [row: number, record: FilterRecord]>, end: number): void {
    const behind = [...this.#fields.values()].filter(({ rows }) => rows < end);
    for (const [row, record] of records)
      for (const { name, index, rows } of behind) if (row >= rows) index?.add(fieldOf(record, name), row);
    for (const field of behind) if (field.index !== undefined) field.rows = end;
  }

  /** Takes one row into the fields that know all before it. */
  addLast(row: number, record: FilterRecord): void {
    for (const field of this.#fields.values()) {
      if (field.index === undefined || field.rows < row) continue;
      field.index.add(fieldOf(record, field.name), row);
      field.rows = row + 1;
    }
  }

  renumber(numbers: NewNumbers): void {
    for (const field of this.#fields.values()) {
      field.index?.renumber(numbers);
      let rows = 0;
      for (let row = 0; row < field.rows; row++) if (numbers[row] !== gone) rows++;
      field.rows = rows;
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
