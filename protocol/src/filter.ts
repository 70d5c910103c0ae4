import { z } from "zod";
import { limits } from "./limits.ts";
import type { Metadata, MetadataScalar, MetadataValue } from "./metadata.ts";

/**
 * The metadata filter: `{"author": "X", "year": {"$gte": 2020}}`. Several fields, or several
 * operators of one field, all have to hold. What it means is `matches` and nothing else.
 */
export interface Filter {
  readonly [key: string]: unknown;
}

/** What a filter looks at: the chunk's and its document's fields in one object. */
export type FilterRecord = Metadata;

type Condition = (value: MetadataValue | undefined) => boolean;
export type CompiledFilter = (record: FilterRecord) => boolean;

class FilterFault extends Error {
  readonly path: readonly PropertyKey[];
  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.path = path;
  }
}

const isScalar = (value: unknown): value is MetadataScalar =>
  value === null ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value));

const isArray = (value: unknown): value is readonly MetadataScalar[] => Array.isArray(value);

const isNested = (value: MetadataValue | undefined): value is Metadata =>
  typeof value === "object" && value !== null && !isArray(value);

/** A field that is absent and one that is null are the same; an array answers for each of its elements. */
function elementsOf(value: MetadataValue | undefined): readonly MetadataValue[] {
  if (value === undefined) return [null];
  return isArray(value) ? value : [value];
}

const equals =
  (operand: MetadataScalar): Condition =>
  (value) =>
    elementsOf(value).includes(operand);

const not =
  (condition: Condition): Condition =>
  (value) =>
    !condition(value);

/** Only values of the operand's own type can be before or after it; text is ordered by code units. */
function ordered(operand: string | number, holds: (comparison: number) => boolean): Condition {
  return (value) =>
    elementsOf(value).some((element) => {
      if (typeof element !== typeof operand || (typeof element !== "string" && typeof element !== "number"))
        return false;
      return holds(element < operand ? -1 : element > operand ? 1 : 0);
    });
}

function contains(operand: MetadataScalar): Condition {
  return (value) => {
    if (typeof value === "string") return typeof operand === "string" && value.includes(operand);
    return isArray(value) && value.includes(operand);
  };
}

interface Compiler {
  conditions: number;
}

type OperatorCompiler = (
  operand: unknown,
  path: readonly PropertyKey[],
  compiler: Compiler,
  depth: number,
) => Condition;

const withScalar =
  (make: (operand: MetadataScalar) => Condition): OperatorCompiler =>
  (operand, path) => {
    if (!isScalar(operand)) throw new FilterFault(path, "takes a string, a finite number, a boolean or null");
    return make(operand);
  };

const withOrder =
  (holds: (comparison: number) => boolean): OperatorCompiler =>
  (operand, path) => {
    if (typeof operand === "string" || (typeof operand === "number" && Number.isFinite(operand)))
      return ordered(operand, holds);
    throw new FilterFault(path, "takes a string or a finite number");
  };

const withList =
  (make: (operands: ReadonlySet<MetadataValue>) => Condition): OperatorCompiler =>
  (operand, path) => {
    if (!Array.isArray(operand)) throw new FilterFault(path, "takes an array");
    if (operand.length > limits.filterListLength)
      throw new FilterFault(path, `has more than ${limits.filterListLength} values`);
    const fault = operand.findIndex((entry) => !isScalar(entry));
    if (fault !== -1) throw new FilterFault([...path, fault], "must be a string, a finite number, a boolean or null");
    return make(new Set(operand.filter(isScalar)));
  };

const isIn =
  (operands: ReadonlySet<MetadataValue>): Condition =>
  (value) =>
    elementsOf(value).some((element) => operands.has(element));

const operators: Readonly<Record<string, OperatorCompiler>> = {
  $eq: withScalar(equals),
  $ne: withScalar((operand) => not(equals(operand))),
  $gt: withOrder((comparison) => comparison > 0),
  $gte: withOrder((comparison) => comparison >= 0),
  $lt: withOrder((comparison) => comparison < 0),
  $lte: withOrder((comparison) => comparison <= 0),
  $in: withList(isIn),
  $nin: withList((operands) => not(isIn(operands))),
  $contains: withScalar(contains),
  $exists: (operand, path) => {
    if (typeof operand !== "boolean") throw new FilterFault(path, "takes true or false");
    return (value) => (value !== undefined && value !== null) === operand;
  },
  $not: (operand, path, compiler, depth) => not(compileCondition(operand, path, compiler, depth + 1)),
};

const logical = ["$and", "$or", "$not"] as const;
export const filterOperators: readonly string[] = [
  ...Object.keys(operators).filter((name) => name !== "$not"),
  ...logical,
];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkDepth(path: readonly PropertyKey[], depth: number): void {
  if (depth > limits.filterDepth) throw new FilterFault(path, `is nested more than ${limits.filterDepth} levels deep`);
}

function compileCondition(
  condition: unknown,
  path: readonly PropertyKey[],
  compiler: Compiler,
  depth: number,
): Condition {
  checkDepth(path, depth);
  if (!isObject(condition)) {
    if (isScalar(condition)) return equals(condition);
    throw new FilterFault(path, 'must be a value or an object of operators, such as {"$in": ["a", "b"]}');
  }
  const parts = Object.entries(condition).map(([name, operand]) => {
    const at = [...path, name];
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (operator === undefined)
      throw new FilterFault(at, `is no filter operator; there are ${filterOperators.join(" ")}`);
    if (++compiler.conditions > limits.filterConditions)
      throw new FilterFault(at, `is one of more than ${limits.filterConditions} conditions`);
    return operator(operand, at, compiler, depth);
  });
  if (parts.length === 0) throw new FilterFault(path, "is an empty object; give an operator or a value");
  return (value) => parts.every((part) => part(value));
}

function compileFilter(
  filter: unknown,
  path: readonly PropertyKey[],
  compiler: Compiler,
  depth: number,
): CompiledFilter {
  checkDepth(path, depth);
  if (!isObject(filter)) throw new FilterFault(path, "must be an object");
  const parts = Object.entries(filter).map(([name, operand]): CompiledFilter => {
    const at = [...path, name];
    if (++compiler.conditions > limits.filterConditions)
      throw new FilterFault(at, `is one of more than ${limits.filterConditions} conditions`);
    if (name === "$not") {
      const inner = compileFilter(operand, at, compiler, depth + 1);
      return (record) => !inner(record);
    }
    if (name === "$and" || name === "$or") {
      if (!Array.isArray(operand) || operand.length === 0)
        throw new FilterFault(at, "takes an array of at least one filter");
      const inner = operand.map((entry, index) => compileFilter(entry, [...at, index], compiler, depth + 1));
      return name === "$and"
        ? (record) => inner.every((part) => part(record))
        : (record) => inner.some((part) => part(record));
    }
    if (name.startsWith("$"))
      throw new FilterFault(at, `is no operator that stands by itself; there are ${logical.join(" ")}`);
    const condition = compileCondition(operand, at, compiler, depth);
    return (record) => condition(fieldOf(record, name));
  });
  return (record) => parts.every((part) => part(record));
}

/** `a.b` is the field of that very name, or else `b` inside `a`. */
function fieldOf(record: FilterRecord, name: string): MetadataValue | undefined {
  if (Object.hasOwn(record, name)) return record[name];
  let value: MetadataValue | undefined = record;
  for (const part of name.split(".")) {
    if (!isNested(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** A function that tells for a record whether the filter holds. Expects a filter that `filter` has checked. */
export function compile(filter: Filter): CompiledFilter {
  return compileFilter(filter, [], { conditions: 0 }, 1);
}

/** Whether the filter holds for this record. */
export function matches(filter: Filter, record: FilterRecord): boolean {
  return compile(filter)(record);
}

export const filter = z
  .custom<Filter>(() => true)
  .superRefine((value, context) => {
    try {
      compile(value);
    } catch (error) {
      if (!(error instanceof FilterFault)) throw error;
      context.addIssue({ code: "custom", path: [...error.path], message: error.message });
    }
  })
  .meta({ type: "object", description: `A metadata filter. Operators: ${filterOperators.join(" ")}.` });
