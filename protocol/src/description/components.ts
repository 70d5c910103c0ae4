import { z } from "zod";
import { nameOf, namedEntries } from "./schemas/named-schemas.ts";

/** A part of a description. */
export type Json = Readonly<Record<string, unknown>>;

const namedSchemas = Object.fromEntries(namedEntries.map(({ name, schema }) => [name, schema]));

const pathOf = (name: string) => `#/components/schemas/${name}`;

export const reference = (schema: z.ZodType): Json => ({ $ref: pathOf(nameOf(schema)) });

/** A nullable type becomes one schema: for a union, some generators create classes, or code that does not compile. */
function joinNull(schema: z.core.JSONSchema.BaseSchema): void {
  const { anyOf = [] } = schema;
  const other = anyOf.find(({ type }) => type !== "null");
  if (anyOf.length !== 2 || !anyOf.some(({ type }) => type === "null")) return;
  if (typeof other?.type !== "string" || other.enum !== undefined || other.const !== undefined) return;
  delete schema.anyOf;
  Object.assign(schema, { ...other, ...schema, type: [other.type, "null"] });
}

/** The wire form, which is the schemas' input. Empty keywords are omitted. */
const options = {
  io: "input",
  unrepresentable: "any",
  override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    joinNull(jsonSchema);
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    // Any fields are allowed; generators assume none unless it is stated.
    if (jsonSchema.type === "object" && jsonSchema.properties === undefined) jsonSchema.additionalProperties ??= {};
  },
} as const;

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Schemas as JSON Schemas, which refer to each other by their names. */
function convert(schemas: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(schemas)) registry.add(schema, { id: name });
  const converted = z.toJSONSchema(registry, { ...options, uri: pathOf }).schemas;
  return new Map(Object.entries(converted).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [name, schema]));
}

/** The components that a description refers to, directly or indirectly, sorted by name. */
export function componentsOf(description: unknown): Readonly<Record<string, Json>> {
  const all = convert(namedSchemas);
  const found = new Map<string, Json>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isJson(value)) return;
    for (const [key, part] of Object.entries(value)) {
      if (key !== "$ref" || typeof part !== "string") {
        visit(part);
        continue;
      }
      const name = part.slice(pathOf("").length);
      const component = all.get(name);
      if (!part.startsWith(pathOf("")) || component === undefined || found.has(name)) continue;
      found.set(name, component);
      visit(component);
    }
  };
  visit(description);
  return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Inlined schemas, which refer to named ones. */
export function inPlace(schemas: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, Json> {
  return convert({ ...namedSchemas, ...schemas });
}

const digits = "^\\d{1,15}$";

/** The type of a field that is text only in an address, so that generated clients can accept its value. */
function spokenOf(field: Json): Json {
  const { enum: values, pattern, default: preset, ...rest } = field;
  if (Array.isArray(values) && values.join() === "true,false") {
    return { ...rest, ...(preset === undefined ? {} : { default: preset === "true" }), type: "boolean" };
  }
  return pattern === digits ? { ...rest, type: "integer", minimum: 0 } : field;
}

/** The fields of an object, each with its inlined schema, such as the parameters of a query. */
export function fieldsOf(
  schema: z.ZodType,
): ReadonlyMap<string, { readonly schema: Json; readonly required: boolean }> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, options);
  return new Map(
    Object.entries(properties).map(([name, field]) => [
      name,
      { schema: isJson(field) ? spokenOf(field) : {}, required: required.includes(name) },
    ]),
  );
}
