import { isList } from "@arrwdb/protocol/filter/filter";
import type { ConditionTree } from "@arrwdb/protocol/filter/filter-tree";
import type { MetadataScalar, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import { canonical } from "@arrwdb/protocol/documents/numbers";
import { Bitmap, type NewNumbers, type SavedBitmap } from "./bitmap.ts";
import { all, any, type Bounds, exactly, none, not } from "./value-bounds.ts";
import { type FewLimits, FewValues, type SavedFew } from "./few-values.ts";
import { type ManyLimits, ManyValues } from "./many-values.ts";
import type { Value } from "./field-term.ts";
import { type SavedRun, TermRun } from "./term-run.ts";

export interface FieldThresholds {
  readonly few: FewLimits;
  readonly many: ManyLimits;
}

/** A serialized field index. */
export interface SavedField {
  readonly present: SavedBitmap;
  readonly texts: SavedBitmap;
  readonly lists: SavedBitmap;
  readonly nulls: SavedBitmap;
  readonly few?: SavedFew;
  readonly many?: readonly SavedRun[];
}

/** The values of one field by row, and which rows satisfy a condition. */
export class FieldIndex {
  readonly #thresholds: FieldThresholds;
  /** Rows in which the field exists and is not null. */
  #present = new Bitmap();
  /** Rows whose value is a single text, not in a list. */
  #texts = new Bitmap();
  #lists = new Bitmap();
  /** Rows with null in a list. */
  #nulls = new Bitmap();
  #values: FewValues | ManyValues;

  constructor(thresholds: FieldThresholds) {
    this.#thresholds = thresholds;
    this.#values = new FewValues(thresholds.few);
  }

  static restored(saved: SavedField, thresholds: FieldThresholds): FieldIndex {
    const field = new FieldIndex(thresholds);
    field.#present = Bitmap.restored(saved.present);
    field.#texts = Bitmap.restored(saved.texts);
    field.#lists = Bitmap.restored(saved.lists);
    field.#nulls = Bitmap.restored(saved.nulls);
    const runs = saved.many?.map((run) => new TermRun(run));
    field.#values =
      runs === undefined ? new FewValues(thresholds.few, saved.few) : new ManyValues(thresholds.many, runs);
    return field;
  }

  saved(): SavedField {
    const values = this.#values;
    return {
      present: this.#present.saved(),
      texts: this.#texts.saved(),
      lists: this.#lists.saved(),
      nulls: this.#nulls.saved(),
      ...(values instanceof FewValues ? { few: values.saved() } : { many: values.saved() }),
    };
  }

  /** @param row greater than all before it */
  add(value: MetadataValue | undefined, row: number): void {
    if (value === undefined || value === null) return;
    this.#present.add(row);
    if (isList(value)) {
      this.#lists.add(row);
      for (const element of new Set(value.map(canonical))) {
        if (element === null) this.#nulls.add(row);
        else this.#addValue(element, row);
      }
    } else if (typeof value !== "object") {
      if (typeof value === "string") this.#texts.add(row);
      this.#addValue(canonical(value), row);
    }
  }

  /** The rows that satisfy a condition, possibly with others that are not in `rows`, to which the caller limits them. */
  evaluate(condition: ConditionTree, rows: Bitmap): Bounds {
    switch (condition.kind) {
      case "equal":
        return this.#among([condition.operand], rows);
      case "among":
        return this.#among([...condition.operands], rows);
      case "order":
        return this.#values.ordered(condition.operator, condition.operand);
      case "instant":
        return this.#values.atInstant(condition.operator, condition.at);
      case "contains":
        return this.#containing(condition.operand);
      case "exists":
        return exactly(condition.expected ? this.#present : rows.andNot(this.#present));
      case "not":
        return not(this.evaluate(condition.part, rows), rows);
      case "all": {
        const [first, ...rest] = condition.parts.map((part) => this.evaluate(part, rows));
        return first === undefined ? exactly(rows) : all(first, ...rest);
      }
      case "any":
        return any(condition.parts.map((part) => this.evaluate(part, rows)));
    }
  }

  /** Whether no row has the field. */
  get empty(): boolean {
    return this.#present.size === 0;
  }

  renumber(numbers: NewNumbers): void {
    this.#present = this.#present.renumbered(numbers);
    this.#texts = this.#texts.renumbered(numbers);
    this.#lists = this.#lists.renumbered(numbers);
    this.#nulls = this.#nulls.renumbered(numbers);
    this.#values.renumber(numbers);
  }

  get bytes(): number {
    const rows = [this.#present, this.#texts, this.#lists, this.#nulls];
    return rows.reduce((sum, { bytes }) => sum + bytes, this.#values.bytes + 200);
  }

  #addValue(value: Value, row: number): void {
    if (this.#values instanceof FewValues && !this.#values.takes(value)) {
      const entries = this.#values.entries();
      this.#values = new ManyValues(this.#thresholds.many, entries.length === 0 ? [] : [TermRun.of(entries)]);
    }
    this.#values.add(value, row);
  }

  #among(operands: readonly MetadataScalar[], rows: Bitmap): Bounds {
    const values = operands.filter((operand) => operand !== null);
    const found = values.length === 0 ? none : this.#values.among(values);
    if (values.length === operands.length) return found;
    return any([found, exactly(rows.andNot(this.#present)), exactly(this.#nulls)]);
  }

  /** A list that contains the element, or a text that contains the substring. */
  #containing(operand: MetadataScalar): Bounds {
    if (operand === null) return exactly(this.#nulls);
    const element = all(this.#values.among([operand]), exactly(this.#lists));
    if (typeof operand !== "string") return element;
    return any([element, all(this.#values.containing(operand), exactly(this.#texts))]);
  }
}
