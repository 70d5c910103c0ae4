import { isList } from "@arrwdb/protocol/filter";
import type { ConditionTree } from "@arrwdb/protocol/filter-tree";
import type { MetadataScalar, MetadataValue } from "@arrwdb/protocol/metadata";
import { Bitmap, type NewNumbers } from "./bitmap.ts";
import { all, any, type Bounds, exactly, none, not } from "./bounds.ts";
import { type FewLimits, FewValues } from "./few-values.ts";
import { ManyValues } from "./many-values.ts";
import type { Value } from "./term.ts";
import type { Values } from "./values.ts";

export interface FieldThresholds {
  readonly few: FewLimits;
  /** Values that are collected before they are sorted into the others. */
  readonly collected: number;
}

/** What the rows have in one field, and which of them meet a condition. */
export class FieldIndex {
  readonly #thresholds: FieldThresholds;
  /** Rows in which the field is there and not null. */
  #present = new Bitmap();
  /** Rows with a text that stands by itself. */
  #texts = new Bitmap();
  #lists = new Bitmap();
  /** Rows with a null in a list. */
  #nulls = new Bitmap();
  #few: FewValues | undefined;
  #values: Values;

  constructor(thresholds: FieldThresholds) {
    this.#thresholds = thresholds;
    this.#few = new FewValues(thresholds.few);
    this.#values = this.#few;
  }

  /** @param row above those before it */
  add(value: MetadataValue | undefined, row: number): void {
    if (value === undefined || value === null) return;
    this.#present.add(row);
    if (isList(value)) {
      this.#lists.add(row);
      for (const element of new Set(value)) {
        if (element === null) this.#nulls.add(row);
        else this.#addValue(element, row);
      }
    } else if (typeof value !== "object") {
      if (typeof value === "string") this.#texts.add(row);
      this.#addValue(value, row);
    }
  }

  /** The rows that meet a condition, possibly with others that are not in `rows`, which are those that count. */
  evaluate(condition: ConditionTree, rows: Bitmap): Bounds {
    switch (condition.kind) {
      case "equal":
        return this.#among([condition.operand], rows);
      case "among":
        return this.#among([...condition.operands], rows);
      case "order":
        return this.#values.ordered(condition.operator, condition.operand);
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
    }
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
    if (this.#few?.takes(value) === false) {
      this.#values = new ManyValues(this.#few.entries(), this.#thresholds.collected);
      this.#few = undefined;
    }
    this.#values.add(value, row);
  }

  #among(operands: readonly MetadataScalar[], rows: Bitmap): Bounds {
    const values = operands.filter((operand) => operand !== null);
    const found = values.length === 0 ? none : this.#values.among(values);
    if (values.length === operands.length) return found;
    return any([found, exactly(rows.andNot(this.#present)), exactly(this.#nulls)]);
  }

  /** A list that has the element, or a text that has the part. */
  #containing(operand: MetadataScalar): Bounds {
    if (operand === null) return exactly(this.#nulls);
    const element = all(this.#values.among([operand]), exactly(this.#lists));
    if (typeof operand !== "string") return element;
    return any([element, all(this.#values.containing(operand), exactly(this.#texts))]);
  }
}
