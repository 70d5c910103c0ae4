import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { z } from "zod";
import { omittableFields, type TextPreparation } from "../embedding/text-preparation.ts";

/** The prefix of each text. A new line is written `\n`, as few places for settings can hold one. */
export const prefix = z
  .string()
  .max(2_000, "must have at most 2000 characters")
  .transform((text) => text.replaceAll(String.raw`\n`, "\n"));

/** A JSON object of fields. */
export const bodyFields = z.string().transform((text, context): Readonly<Record<string, unknown>> => {
  try {
    const fields = z.record(z.string(), z.unknown()).parse(parseExactly(text));
    if (!("model" in fields) && !("input" in fields)) return fields;
    context.addIssue({ code: "custom", message: 'must not have "model" or "input", which are arrwDB\'s own' });
  } catch {
    context.addIssue({ code: "custom", message: 'must be a JSON object, such as {"input_type":"query"}' });
  }
  return z.NEVER;
});

const names = omittableFields.join(",");

export const omittedFields = z
  .string()
  .transform((list) => list.split(",").map((name) => name.trim()))
  .pipe(z.array(z.enum(omittableFields, { error: `must be a comma-separated list of ${names}` })));

interface PreparationSettings {
  readonly ARRWDB_EMBEDDING_DOCUMENT_PREFIX?: string | undefined;
  readonly ARRWDB_EMBEDDING_QUERY_PREFIX?: string | undefined;
  readonly ARRWDB_EMBEDDING_DOCUMENT_FIELDS?: z.output<typeof bodyFields> | undefined;
  readonly ARRWDB_EMBEDDING_QUERY_FIELDS?: z.output<typeof bodyFields> | undefined;
  readonly ARRWDB_EMBEDDING_OMIT_FIELDS?: z.output<typeof omittedFields> | undefined;
}

export const preparationOf = (config: PreparationSettings): TextPreparation => ({
  prefixes: { document: config.ARRWDB_EMBEDDING_DOCUMENT_PREFIX, query: config.ARRWDB_EMBEDDING_QUERY_PREFIX },
  fields: { document: config.ARRWDB_EMBEDDING_DOCUMENT_FIELDS, query: config.ARRWDB_EMBEDDING_QUERY_FIELDS },
  omitted: config.ARRWDB_EMBEDDING_OMIT_FIELDS ?? [],
});
