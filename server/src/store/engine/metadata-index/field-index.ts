import { isList, type Reached, Several } from "@arrwdb/protocol/filter/field-values";
import type { ConditionTree } from "@arrwdb/protocol/filter/filter-tree";
import type { MetadataScalar, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import { canonical } from "@arrwdb/protocol/documents/numbers";
import { Bitmap, type NewNumbers, type SavedBitmap } from "./rows/bitmap.ts";
import { all, any, type Bounds, exactly, none, not } from "./values/value-bounds.ts";
import { type FewLimits, FewValues, type SavedFew } from "./values/few-values.ts";
import { type ManyLimits, ManyValues } from "./values/many-values.ts";
import type { Value } from "./values/field-term.ts";
import { type SavedRun, TermRun } from "./values/term-run.ts";
import type { ValueWalk } from "./values/value-walk.ts";

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
  readonly empty: SavedBitmap;
  readonly mixed: SavedBitmap;
  readonly few?: SavedFew;
  readonly many?: readonly SavedRun[];
}

/** The values of one field by row, and which rows satisfy a condition. */
export class FieldIndex {
  readonly #thresholds: FieldThresholds;
  /** Rows in which the field exists and is not null. */
  #present = new Bitmap();
  /** Rows with a text, not in a list. */
  #texts = new Bitmap();
  #lists = new Bitmap();
  /** Rows in which the field exists and is null as well: in a list, or in an object in an array. */
  #nulls = new Bitmap();
  /** Rows in which the field neither exists nor is missing: its path leads to an array without objects. */
  #empty = new Bitmap();
  /** Rows with a list, and with something that is in no list. */
  #mixed = new Bitmap();
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
    field.#empty = Bitmap.restored(saved.empty);
    field.#mixed = Bitmap.restored(saved.mixed);
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
      empty: this.#empty.saved(),
      mixed: this.#mixed.saved(),
      ...(values instanceof FewValues ? { few: values.saved() } : { many: values.saved() }),
    };
  }

  /** @param row greater than all before it */
  add(reached: Reached, row: number): void {
    if (reached === undefined || reached === null) return;
    if (reached instanceof Several) {
      this.#addSeveral(reached, row);
      return;
    }
    this.#present.add(row);
    if (isList(reached)) this.#addList(reached, row);
    else this.#addScalar(reached, row);
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

  /** Visits its values as of now. */
  walk(): ValueWalk {
    return this.#values.walk();
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
    this.#empty = this.#empty.renumbered(numbers);
    this.#mixed = this.#mixed.renumbered(numbers);
    this.#values.renumber(numbers);
  }

  get bytes(): number {
    const rows = [this.#present, this.#texts, this.#lists, this.#nulls, this.#empty, this.#mixed];
    return rows.reduce((sum, { bytes }) => sum + bytes, this.#values.bytes + 200);
  }

  #addList(list: readonly MetadataValue[], row: number): void {
    this.#lists.add(row);
    for (const element of new Set(list.map(canonical))) {
      if (element === null) this.#nulls.add(row);
      else if (typeof element !== "object") this.#addValue(element, row);
    }
  }

  #addScalar(value: MetadataValue, row: number): void {
    if (value === null || typeof value === "object") return;
    if (typeof value === "string") this.#texts.add(row);
    this.#addValue(canonical(value), row);
  }

  /** Values of lists and values outside of them; each value once. */
  #addSeveral({ values }: Several, row: number): void {
    const existing = [...values].filter((value) => value !== undefined && value !== null);
    if (existing.length === 0) {
      if (values.size === 0) this.#empty.add(row);
      return;
    }
    this.#present.add(row);
    if (existing.length < values.size) this.#nulls.add(row);
    const lists = existing.filter(isList);
    const others = existing.filter((value) => !isList(value));
    if (lists.length === 0) {
      for (const value of new Set(others.map(canonical))) this.#addScalar(value, row);
      return;
    }
    this.#addList([...lists.flatMap((list) => list), ...others], row);
    if (others.some((value) => typeof value === "string")) this.#texts.add(row);
    if (lists.length < values.size) this.#mixed.add(row);
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
    const missing = rows.andNot(this.#present).andNot(this.#empty);
    return any([found, exactly(missing), exactly(this.#nulls)]);
  }

  /** A list that contains the element, or a text that contains the substring. */
  #containing(operand: MetadataScalar): Bounds {
    const found = this.#inListOrText(operand);
    // Which of the values is in the list is not known.
    return this.#mixed.size === 0 ? found : { sure: found.sure.andNot(this.#mixed), maybe: found.maybe };
  }

  #inListOrText(operand: MetadataScalar): Bounds {
    if (operand === null) return exactly(this.#nulls.and(this.#lists));
    const element = all(this.#values.among([operand]), exactly(this.#lists));
    if (typeof operand !== "string") return element;
    return any([element, all(this.#values.containing(operand), exactly(this.#texts))]);
  }
}
