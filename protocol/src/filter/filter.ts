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
import { limits } from "../limits.ts";
import type { Metadata, MetadataScalar, MetadataValue } from "../documents/metadata.ts";
import { canonical, compareScalars, isNumeric } from "../documents/numbers.ts";

export { filterOperators };

/**
 * The metadata filter: `{"author": "X", "year": {"$gte": 2020}}`. Several fields, or several
 * operators of one field, must all hold. Its semantics are defined by `matches`.
 */
export interface Filter {
  readonly [key: string]: unknown;
}

/** The fields that a filter can use: the chunk's and its document's, in one object. */
export type FilterRecord = Metadata;

type Condition = (value: MetadataValue | undefined) => boolean;
export type CompiledFilter = (record: FilterRecord) => boolean;

export const isList = (value: MetadataValue | undefined): value is readonly MetadataScalar[] => Array.isArray(value);

const isNested = (value: MetadataValue | undefined): value is Metadata =>
  typeof value === "object" && value !== null && !isList(value);

/** Missing and null fields are equal; an array matches if any of its elements does. */
export function elementsOf(value: MetadataValue | undefined): readonly MetadataValue[] {
  if (value === undefined) return [null];
  return isList(value) ? value : [value];
}

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

function contains(operand: MetadataScalar): Condition {
  return (value) => {
    if (typeof value === "string") return typeof operand === "string" && value.includes(operand);
    return isList(value) && value.some((element) => canonical(element) === operand);
  };
}

function compileCondition(condition: ConditionTree): Condition {
  switch (condition.kind) {
    case "equal": {
      const { operand } = condition;
      return (value) => elementsOf(value).some((element) => canonical(element) === operand);
    }
    case "order": {
      const holds = ordered(condition.operator, condition.operand);
      return (value) => elementsOf(value).some(holds);
    }
    case "instant": {
      const holds = atInstant(condition.operator, condition.at);
      return (value) => elementsOf(value).some(holds);
    }
    case "among": {
      const operands: ReadonlySet<MetadataValue> = condition.operands;
      return (value) => elementsOf(value).some((element) => operands.has(canonical(element)));
    }
    case "contains":
      return contains(condition.operand);
    case "exists":
      return (value) => (value !== undefined && value !== null) === condition.expected;
    case "not": {
      const part = compileCondition(condition.part);
      return (value) => !part(value);
    }
    case "all": {
      const parts = condition.parts.map(compileCondition);
      return (value) => parts.every((part) => part(value));
    }
    case "any": {
      const parts = condition.parts.map(compileCondition);
      return (value) => parts.some((part) => part(value));
    }
  }
}

function compileTree(tree: FilterTree): CompiledFilter {
  switch (tree.kind) {
    case "field": {
      const { field } = tree;
      const condition = compileCondition(tree.condition);
      return (record) => condition(fieldOf(record, field));
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

/**
 * `a.b` is the field of that exact name, or else `b` inside `a`, recursively: names may contain dots, as in
 * `{"labels": {"app.version": 2}}`. If several match, the one with the shortest first name is used.
 */
export function fieldOf(record: FilterRecord, name: string): MetadataValue | undefined {
  if (Object.hasOwn(record, name)) return record[name];
  // No metadata name is longer, so names with thousands of dots cost no more.
  for (let dot = name.indexOf("."); dot !== -1 && dot <= limits.metadataKeyLength; dot = name.indexOf(".", dot + 1)) {
    const first = name.slice(0, dot);
    const inner = Object.hasOwn(record, first) ? record[first] : undefined;
    const value = isNested(inner) ? fieldOf(inner, name.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
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
