import { z } from "zod";
import { schemaEntries } from "./schemas/named-schemas.ts";

/** All schemas of the wire, by name. */
export const wireSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  schemaEntries.flatMap(({ wire, schema }) => (wire === undefined ? [] : [[wire, schema]])),
);

/** One schema as JSON Schema, in its input form. Descriptions for people are not part of the wire. */
export function toJsonSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      delete jsonSchema.description;
    },
  });
}
