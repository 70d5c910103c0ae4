import { componentsOf, inPlace, type Json, reference } from "@arrwdb/protocol/description/components";
import { namedEntries } from "@arrwdb/protocol/description/schemas/named-schemas";
import fc from "fast-check";
import type { z } from "zod";

/** Values for what has a meaning that its schema does not tell, by the name of the schema or the field. */
export type Meanings = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const components = componentsOf(namedEntries.map(({ schema }) => reference(schema)));
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === "number";
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Longer values than that are hostile, and come from there. */
const usualLength = 12;

/** What the schema allows, as JSON Schema tells it. */
export function validOf(schema: z.ZodType, meanings: Meanings): fc.Arbitrary<unknown> {
  return allowed(inPlace({ Own: schema }).get("Own") ?? {}, meanings);
}

function allowed(schema: unknown, meanings: Meanings): fc.Arbitrary<unknown> {
  if (!isJson(schema)) return fc.jsonValue({ maxDepth: 1 });
  if (typeof schema["$ref"] === "string") {
    const name = schema["$ref"].split("/").at(-1) ?? "";
    return meanings[name] ?? allowed(components[name], meanings);
  }
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom<unknown>(...list(schema["enum"]));
  const choices = [...list(schema["anyOf"]), ...list(schema["oneOf"])];
  if (choices.length > 0) return fc.oneof(...choices.map((choice) => allowed(choice, meanings)));
  const types = Array.isArray(schema["type"]) ? list(schema["type"]) : [schema["type"]];
  return fc.oneof(...types.map((type) => ofType(type, schema, meanings)));
}

function ofType(type: unknown, schema: Json, meanings: Meanings): fc.Arbitrary<unknown> {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const min = isNumber(minimum) ? minimum : undefined;
  const max = isNumber(maximum) ? maximum : undefined;
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: min ?? -5, max: Math.min(max ?? 1000, (min ?? 0) + 1000) });
    case "number":
      return fc.double({ min: min ?? -10, max: max ?? 10, noNaN: true });
    case "string":
      if (typeof pattern === "string") return fc.stringMatching(new RegExp(pattern));
      return fc.string({
        unit: "grapheme",
        minLength: isNumber(minLength) ? minLength : 0,
        maxLength: Math.max(
          isNumber(minLength) ? minLength : 0,
          isNumber(maxLength) ? Math.min(maxLength / 4, usualLength) : usualLength,
        ),
      });
    case "array":
      return fc.array(allowed(schema["items"], meanings), {
        minLength: isNumber(minItems) ? minItems : 0,
        maxLength: Math.min(isNumber(maxItems) ? maxItems : 3, 3),
      });
    case "object":
      return object(schema, meanings);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function object(schema: Json, meanings: Meanings): fc.Arbitrary<unknown> {
  const properties = isJson(schema["properties"]) ? schema["properties"] : {};
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, meanings[name] ?? allowed(field, meanings)]),
  );
  const requiredKeys = Object.keys(fields).filter((name) => list(schema["required"]).includes(name));
  return fc.record(fields, { requiredKeys });
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : { $not: nested(depth - 1) });

/** What no schema expects, and what has broken others. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary" }),
  fc.constantFrom<unknown>(
    "",
    "\u0000",
    "\ud800",
    "../../etc/passwd",
    "'; DROP TABLE documents; --",
    "x".repeat(20_000),
    "\u202e\ufeff",
    nested(50),
    Array.from({ length: 10_000 }, () => 0),
    { $in: { $gt: [] } },
    { $and: [] },
    { $not: { $not: { $not: {} } } },
    { "": null },
    { toString: 1, valueOf: 1, hasOwnProperty: 1 },
    -1,
    0.5,
    1e308,
    2 ** 53,
    Number.MIN_VALUE,
    true,
    null,
    [],
    {},
  ),
);

/** The value with something in it changed, or something else altogether. */
export function spoilt(valid: fc.Arbitrary<unknown>, names: readonly string[]): fc.Arbitrary<unknown> {
  const name = fc.oneof(fc.constantFrom("unknown", "constructor", "$where", ...names), fc.string());
  const changed = fc
    .tuple(valid, name, hostileValue)
    .map(([value, field, hostile]) => (isJson(value) ? { ...value, [field]: hostile } : hostile));
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: hostileValue });
}

/** The names of an object's fields. */
export function namesOf(schema: z.ZodType): readonly string[] {
  const { properties } = inPlace({ Own: schema }).get("Own") ?? {};
  return isJson(properties) ? Object.keys(properties) : [];
}
