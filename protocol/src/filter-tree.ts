import { limits } from "./limits.ts";
import type { MetadataScalar } from "./metadata.ts";

/** What a filter asks of the value of one field. */
export type ConditionTree =
  | { readonly kind: "equal"; readonly operand: MetadataScalar }
  | { readonly kind: "order"; readonly operator: OrderOperator; readonly operand: string | number }
  | { readonly kind: "among"; readonly operands: ReadonlySet<MetadataScalar> }
  | { readonly kind: "contains"; readonly operand: MetadataScalar }
  | { readonly kind: "exists"; readonly expected: boolean }
  | { readonly kind: "not"; readonly part: ConditionTree }
  | { readonly kind: "all"; readonly parts: readonly ConditionTree[] };

/** A filter in the form that it is evaluated from. */
export type FilterTree =
  | { readonly kind: "field"; readonly field: string; readonly condition: ConditionTree }
  | { readonly kind: "not"; readonly part: FilterTree }
  | { readonly kind: "all"; readonly parts: readonly FilterTree[] }
  | { readonly kind: "any"; readonly parts: readonly FilterTree[] };

export type OrderOperator = "$gt" | "$gte" | "$lt" | "$lte";

/** What is wrong with a filter, and where. */
export class FilterFault extends Error {
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

interface Parser {
  conditions: number;
}

type OperatorParser = (operand: unknown, path: readonly PropertyKey[], parser: Parser, depth: number) => ConditionTree;

function scalarOf(operand: unknown, path: readonly PropertyKey[]): MetadataScalar {
  if (!isScalar(operand)) throw new FilterFault(path, "takes a string, a finite number, a boolean or null");
  return operand;
}

const order =
  (operator: OrderOperator): OperatorParser =>
  (operand, path) => {
    if (typeof operand === "string" || (typeof operand === "number" && Number.isFinite(operand)))
      return { kind: "order", operator, operand };
    throw new FilterFault(path, "takes a string or a finite number");
  };

const among: OperatorParser = (operand, path) => {
  if (!Array.isArray(operand)) throw new FilterFault(path, "takes an array");
  if (operand.length > limits.filterListLength)
    throw new FilterFault(path, `has more than ${limits.filterListLength} values`);
  const fault = operand.findIndex((entry) => !isScalar(entry));
  if (fault !== -1) throw new FilterFault([...path, fault], "must be a string, a finite number, a boolean or null");
  return { kind: "among", operands: new Set(operand.filter(isScalar)) };
};

const equal: OperatorParser = (operand, path) => ({ kind: "equal", operand: scalarOf(operand, path) });

const not =
  (parse: OperatorParser): OperatorParser =>
  (...operand) => ({ kind: "not", part: parse(...operand) });

const operators: Readonly<Record<string, OperatorParser>> = {
  $eq: equal,
  $ne: not(equal),
  $gt: order("$gt"),
  $gte: order("$gte"),
  $lt: order("$lt"),
  $lte: order("$lte"),
  $in: among,
  $nin: not(among),
  $contains: (operand, path) => ({ kind: "contains", operand: scalarOf(operand, path) }),
  $exists: (operand, path) => {
    if (typeof operand !== "boolean") throw new FilterFault(path, "takes true or false");
    return { kind: "exists", expected: operand };
  },
  $not: not((operand, path, parser, depth) => parseCondition(operand, path, parser, depth + 1)),
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

function countCondition(path: readonly PropertyKey[], parser: Parser): void {
  if (++parser.conditions > limits.filterConditions)
    throw new FilterFault(path, `is one of more than ${limits.filterConditions} conditions`);
}

function parseCondition(
  condition: unknown,
  path: readonly PropertyKey[],
  parser: Parser,
  depth: number,
): ConditionTree {
  checkDepth(path, depth);
  if (!isObject(condition)) {
    if (isScalar(condition)) return { kind: "equal", operand: condition };
    throw new FilterFault(path, 'must be a value or an object of operators, such as {"$in": ["a", "b"]}');
  }
  const parts = Object.entries(condition).map(([name, operand]) => {
    const at = [...path, name];
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (operator === undefined)
      throw new FilterFault(at, `is no filter operator; there are ${filterOperators.join(" ")}`);
    countCondition(at, parser);
    return operator(operand, at, parser, depth);
  });
  if (parts.length === 0) throw new FilterFault(path, "is an empty object; give an operator or a value");
  return { kind: "all", parts };
}

function parsePart(
  name: string,
  operand: unknown,
  path: readonly PropertyKey[],
  parser: Parser,
  depth: number,
): FilterTree {
  countCondition(path, parser);
  if (name === "$not") return { kind: "not", part: parseParts(operand, path, parser, depth + 1) };
  if (name === "$and" || name === "$or") {
    if (!Array.isArray(operand) || operand.length === 0)
      throw new FilterFault(path, "takes an array of at least one filter");
    const parts = operand.map((entry, index) => parseParts(entry, [...path, index], parser, depth + 1));
    return { kind: name === "$and" ? "all" : "any", parts };
  }
  if (name.startsWith("$"))
    throw new FilterFault(path, `is no operator that stands by itself; there are ${logical.join(" ")}`);
  return { kind: "field", field: name, condition: parseCondition(operand, path, parser, depth) };
}

function parseParts(filter: unknown, path: readonly PropertyKey[], parser: Parser, depth: number): FilterTree {
  checkDepth(path, depth);
  if (!isObject(filter)) throw new FilterFault(path, "must be an object");
  const parts = Object.entries(filter).map(([name, operand]) =>
    parsePart(name, operand, [...path, name], parser, depth),
  );
  return { kind: "all", parts };
}

/**
 * Reads a filter as it comes over the wire.
 *
 * @throws FilterFault where it is none
 */
export function parseFilter(filter: unknown): FilterTree {
  return parseParts(filter, [], { conditions: 0 }, 1);
}
