import { z } from "zod";
import {
  type ConditionTree,
  FilterFault,
  filterOperators,
  type FilterTree,
  type InstantOperator,
  type OrderOperator,
  type Ordinal,
  parseFilter,
} from "./filter-tree.ts";
import { parseInstant } from "./instant.ts";
import { fieldReader, type FilterRecord, isList, type Reached, Several, someValue } from "./field-values.ts";
import type { MetadataScalar, MetadataValue } from "../documents/metadata.ts";
import { canonical, compareScalars, isNumeric } from "../documents/numbers.ts";

export { filterOperators };
export type { FilterRecord };

/**
 * The metadata filter: `{"author": "X", "year": {"$gte": 2020}}`. Several fields, or several
 * operators of one field, must all hold. Its semantics are defined by `matches`.
 */
export interface Filter {
  readonly [key: string]: unknown;
}

type ValueCondition = (value: MetadataValue | undefined) => boolean;
type Condition = (reached: Reached) => boolean;
export type CompiledFilter = (record: FilterRecord) => boolean;

const orders: Readonly<Record<OrderOperator, (comparison: number) => boolean>> = {
  $gt: (comparison) => comparison > 0,
  $gte: (comparison) => comparison >= 0,
  $lt: (comparison) => comparison < 0,
  $lte: (comparison) => comparison <= 0,
};

/**
 * Only values of the operand's own type can be before or after it; text is ordered by code units, and numbers by their
 * exact values.
 */
export function ordered(operator: OrderOperator, operand: Ordinal): (element: MetadataValue) => boolean {
  const holds = orders[operator];
  const exact = canonical(operand);
  return typeof exact === "string"
    ? (element) => typeof element === "string" && holds(compareScalars(element, exact))
    : (element) => {
        const value = canonical(element);
        return isNumeric(value) && holds(compareScalars(value, exact));
      };
}

/** Matches texts of an instant that has this relation to the given one. */
export function atInstant(operator: InstantOperator, at: bigint): (element: MetadataValue) => boolean {
  const holds = operator === "$eq" ? (comparison: number) => comparison === 0 : orders[operator];
  return (element) => {
    const instant = typeof element === "string" ? parseInstant(element) : undefined;
    return instant !== undefined && holds(compareScalars(instant, at));
  };
}

function contains(operand: MetadataScalar): ValueCondition {
  return (value) => {
    if (typeof value === "string") return typeof operand === "string" && value.includes(operand);
    return isList(value) && value.some((element) => canonical(element) === operand);
  };
}

/** Of several values, each condition may be met by another one. */
const some =
  (condition: ValueCondition): Condition =>
  (reached) =>
    someValue(reached, condition);

/** Missing and null fields are equal; a list matches if any of its elements does. */
function someElement(condition: (element: MetadataValue) => boolean): Condition {
  const ofValue = (value: MetadataValue | undefined): boolean => {
    if (!isList(value)) return condition(value ?? null);
    for (const element of value) if (condition(element)) return true;
    return false;
  };
  return (reached) => (reached instanceof Several ? someValue(reached, ofValue) : ofValue(reached));
}

function compileCondition(condition: ConditionTree): Condition {
  switch (condition.kind) {
    case "equal": {
      const { operand } = condition;
      return someElement((element) => canonical(element) === operand);
    }
    case "order":
      return someElement(ordered(condition.operator, condition.operand));
    case "instant":
      return someElement(atInstant(condition.operator, condition.at));
    case "among": {
      const operands: ReadonlySet<MetadataValue> = condition.operands;
      return someElement((element) => operands.has(canonical(element)));
    }
    case "contains":
      return some(contains(condition.operand));
    case "exists": {
      const exists = some((value) => value !== undefined && value !== null);
      return (reached) => exists(reached) === condition.expected;
    }
    case "not": {
      const part = compileCondition(condition.part);
      return (reached) => !part(reached);
    }
    case "all": {
      const parts = condition.parts.map(compileCondition);
      return (reached) => parts.every((part) => part(reached));
    }
    case "any": {
      const parts = condition.parts.map(compileCondition);
      return (reached) => parts.some((part) => part(reached));
    }
  }
}

function compileTree(tree: FilterTree): CompiledFilter {
  switch (tree.kind) {
    case "field": {
      const read = fieldReader(tree.field);
      const condition = compileCondition(tree.condition);
      return (record) => condition(read(record));
    }
    case "not": {
      const part = compileTree(tree.part);
      return (record) => !part(record);
    }
    case "all": {
      const parts = tree.parts.map(compileTree);
      return (record) => parts.every((part) => part(record));
    }
    case "any": {
      const parts = tree.parts.map(compileTree);
      return (record) => parts.some((part) => part(record));
    }
  }
}

/** A function that returns whether a record matches the filter, which must have been validated by `filter`. */
export function compile(filter: Filter): CompiledFilter {
  return compileTree(parseFilter(filter));
}

/** Whether the record matches the filter. */
export function matches(filter: Filter, record: FilterRecord): boolean {
  return compile(filter)(record);
}

export const filter = z
  .custom<Filter>(() => true)
  .superRefine((value, context) => {
    try {
      parseFilter(value);
    } catch (error) {
      if (!(error instanceof FilterFault)) throw error;
      context.addIssue({ code: "custom", path: [...error.path], message: error.message });
    }
  })
  .meta({
    type: "object",
    properties: {
      $and: { type: "array", items: { $ref: "#/components/schemas/MetadataFilter" }, description: "All hold" },
      $or: { type: "array", items: { $ref: "#/components/schemas/MetadataFilter" }, description: "One or more hold" },
      $not: { $ref: "#/components/schemas/MetadataFilter", description: "Does not hold" },
    },
    // A field with a value, or with an object of operators.
    additionalProperties: {},
    description: `A metadata filter. Operators: ${filterOperators.join(" ")}. {"$date": "2026-11-27T10:00:00Z"} stands for an instant.`,
  });
