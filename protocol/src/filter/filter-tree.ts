import { cut } from "../errors/cut.ts";
import { parseInstant } from "./instant.ts";
import { limits } from "../limits.ts";
import { canonicalDocumentId } from "../documents/document-id.ts";
import type { MetadataScalar } from "../documents/metadata.ts";
import { canonical, integerFault } from "../documents/numbers.ts";

/** The condition of a filter on the value of one field. */
export type ConditionTree =
  | { readonly kind: "equal"; readonly operand: MetadataScalar }
  | { readonly kind: "order"; readonly operator: OrderOperator; readonly operand: Ordinal }
  | { readonly kind: "instant"; readonly operator: InstantOperator; readonly at: bigint }
  | { readonly kind: "among"; readonly operands: ReadonlySet<MetadataScalar> }
  | { readonly kind: "contains"; readonly operand: MetadataScalar }
  | { readonly kind: "exists"; readonly expected: boolean }
  | { readonly kind: "not"; readonly part: ConditionTree }
  | { readonly kind: "all"; readonly parts: readonly ConditionTree[] }
  | { readonly kind: "any"; readonly parts: readonly ConditionTree[] };

/** A parsed filter, ready to be evaluated. */
export type FilterTree =
  | { readonly kind: "field"; readonly field: string; readonly condition: ConditionTree }
  | { readonly kind: "not"; readonly part: FilterTree }
  | { readonly kind: "all"; readonly parts: readonly FilterTree[] }
  | { readonly kind: "any"; readonly parts: readonly FilterTree[] };

export type OrderOperator = "$gt" | "$gte" | "$lt" | "$lte";
export type InstantOperator = "$eq" | OrderOperator;
/** What has an order. */
export type Ordinal = string | number | bigint;

/** Fields that hold instants: when a document was created and updated, and when it expires. */
const instantFields: ReadonlySet<string> = new Set(["created_at", "updated_at", "expires_at"]);

/** An error in a filter, with its path. */
export class FilterFault extends Error {
  readonly path: readonly PropertyKey[];
  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.path = path;
  }
}

const isScalar = (value: unknown): value is MetadataScalar =>
  value === null || typeof value === "string" || typeof value === "boolean" || isFiniteNumber(value);

const isFiniteNumber = (value: unknown): value is number | bigint =>
  typeof value === "number" ? Number.isFinite(value) : typeof value === "bigint" && integerFault(value) === undefined;

interface Parser {
  conditions: number;
  /** Whether the current field holds instants. */
  instants: boolean;
  /** Whether it holds ids of documents, which are UUIDs in any case. */
  ids: boolean;
}

type OperatorParser = (operand: unknown, path: readonly PropertyKey[], parser: Parser, depth: number) => ConditionTree;

const scalarForm = `a string, a finite number of at most ${limits.integerDigits} digits, a boolean or null`;
const instantForm = "an instant in ISO 8601, such as 2026-11-27T10:00:00Z";

function scalarOf(operand: unknown, path: readonly PropertyKey[], parser: Parser): MetadataScalar {
  if (!isScalar(operand)) throw new FilterFault(path, `must be ${scalarForm}`);
  return canonical(inStoredForm(operand, parser));
}

const inStoredForm = <Value extends MetadataScalar>(value: Value, { ids }: Parser): Value | string =>
  ids && typeof value === "string" ? canonicalDocumentId(value) : value;

/** `{"$date": "2026-11-27T10:00:00Z"}`: an instant, in whatever form the field has it. */
function isDate(operand: unknown): operand is { readonly $date: unknown } {
  return isObject(operand) && Object.hasOwn(operand, "$date");
}

/**
 * The instant of an operand, or undefined if it is another value.
 *
 * @throws FilterFault if it must be an instant and is none
 */
function instantOf(operand: unknown, path: readonly PropertyKey[], parser: Parser): bigint | undefined {
  const dated = isDate(operand);
  if (!dated && !parser.instants) return undefined;
  if (dated && Object.keys(operand).length > 1) throw new FilterFault(path, "must contain $date and nothing else");
  const text = dated ? operand.$date : operand;
  const instant = typeof text === "string" ? parseInstant(text) : undefined;
  if (instant === undefined) throw new FilterFault(dated ? [...path, "$date"] : path, `must be ${instantForm}`);
  return instant;
}

const order =
  (operator: OrderOperator): OperatorParser =>
  (operand, path, parser) => {
    const at = instantOf(operand, path, parser);
    if (at !== undefined) return { kind: "instant", operator, at };
    if (typeof operand === "string" || isFiniteNumber(operand))
      return { kind: "order", operator, operand: inStoredForm(operand, parser) };
    throw new FilterFault(
      path,
      `must be a string, a finite number of at most ${limits.integerDigits} digits, or {"$date": "..."}`,
    );
  };

const among: OperatorParser = (operand, path, parser) => {
  if (!Array.isArray(operand)) throw new FilterFault(path, "must be an array");
  if (operand.length > limits.filterListLength)
    throw new FilterFault(path, `has more than ${limits.filterListLength} values`);
  const scalars = new Set<MetadataScalar>();
  const instants: ConditionTree[] = [];
  for (const [index, entry] of operand.entries()) {
    const at = entry === null ? undefined : instantOf(entry, [...path, index], parser);
    if (at !== undefined) instants.push({ kind: "instant", operator: "$eq", at });
    else scalars.add(scalarOf(entry, [...path, index], parser));
  }
  const known: ConditionTree = { kind: "among", operands: scalars };
  return instants.length === 0 ? known : { kind: "any", parts: [known, ...instants] };
};

const equal: OperatorParser = (operand, path, parser) => {
  const at = operand === null ? undefined : instantOf(operand, path, parser);
  return at === undefined
    ? { kind: "equal", operand: scalarOf(operand, path, parser) }
    : { kind: "instant", operator: "$eq", at };
};

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
  $contains: (operand, path, parser) => ({
    kind: "contains",
    operand: scalarOf(operand, path, { ...parser, ids: false }),
  }),
  $exists: (operand, path) => {
    if (typeof operand !== "boolean") throw new FilterFault(path, "must be true or false");
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
    throw new FilterFault(path, `exceeds the limit of ${limits.filterConditions} conditions`);
}

function parseCondition(
  condition: unknown,
  path: readonly PropertyKey[],
  parser: Parser,
  depth: number,
): ConditionTree {
  checkDepth(path, depth);
  if (!isObject(condition) || isDate(condition)) {
    if (isScalar(condition) || isDate(condition)) return equal(condition, path, parser, depth);
    throw new FilterFault(path, 'must be a value or an object of operators, such as {"$in": ["a", "b"]}');
  }
  const parts = Object.entries(condition).map(([name, operand]) => {
    const at = [...path, name];
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (operator === undefined)
      throw new FilterFault(at, `is not a filter operator; use one of ${filterOperators.join(" ")}`);
    countCondition(at, parser);
    return operator(operand, at, parser, depth);
  });
  if (parts.length === 0) throw new FilterFault(path, "is an empty object; give an operator or a value");
  return { kind: "all", parts };
}

function parsePart(
  [name, operand]: readonly [name: string, operand: unknown],
  path: readonly PropertyKey[],
  parser: Parser,
  depth: number,
): FilterTree {
  countCondition(path, parser);
  if (name === "$not") return { kind: "not", part: parseParts(operand, path, parser, depth + 1) };
  if (name === "$and" || name === "$or") {
    if (!Array.isArray(operand) || operand.length === 0)
      throw new FilterFault(path, "must be a non-empty array of filters");
    const parts = operand.map((entry, index) => parseParts(entry, [...path, index], parser, depth + 1));
    return { kind: name === "$and" ? "all" : "any", parts };
  }
  if (name.startsWith("$"))
    throw new FilterFault(
      path,
      `is not allowed here; use one of ${logical.join(" ")}, or a field name, which for a field with $ is metadata.${cut(name)}`,
    );
  parser.instants = instantFields.has(name);
  parser.ids = name === "source_document_id";
  return { kind: "field", field: name, condition: parseCondition(operand, path, parser, depth) };
}

function parseParts(filter: unknown, path: readonly PropertyKey[], parser: Parser, depth: number): FilterTree {
  checkDepth(path, depth);
  if (!isObject(filter)) throw new FilterFault(path, "must be an object");
  const parts = Object.entries(filter).map((entry) => parsePart(entry, [...path, entry[0]], parser, depth));
  return { kind: "all", parts };
}

/**
 * Parses a filter in its wire form.
 *
 * @throws FilterFault if it is invalid
 */
export function parseFilter(filter: unknown): FilterTree {
  return parseParts(filter, [], { conditions: 0, instants: false, ids: false }, 1);
}
