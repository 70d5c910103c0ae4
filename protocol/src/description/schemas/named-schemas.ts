import type { z } from "zod";
import { accessSchemas } from "./access-schemas.ts";
import { actionSchemas } from "./action-schemas.ts";
import { documentSchemas } from "./document-schemas.ts";
import { eventSchemas } from "./event-schemas.ts";
import { ingestionSchemas } from "./ingestion-schemas.ts";
import { librarySchemas } from "./library-schemas.ts";
import { messageSchemas } from "./message-schemas.ts";
import type { SchemaEntry } from "./schema-entry.ts";
import { searchSchemas } from "./search-schemas.ts";
import { serverSchemas } from "./server-schemas.ts";
import { statisticsSchemas } from "./statistics-schemas.ts";
import { streamSchemas } from "./stream-schemas.ts";
import { webhookSchemas } from "./webhook-schemas.ts";

interface NamedEntry extends SchemaEntry {
  readonly name: string;
}

/** Every schema of the wire, once. The hash of the wire is taken in this order. */
export const schemaEntries: readonly SchemaEntry[] = [
  ...librarySchemas,
  ...documentSchemas,
  ...ingestionSchemas,
  ...searchSchemas,
  ...statisticsSchemas,
  ...messageSchemas,
  ...eventSchemas,
  ...webhookSchemas,
  ...streamSchemas,
  ...serverSchemas,
  ...accessSchemas,
  ...actionSchemas,
];

export const namedEntries: readonly NamedEntry[] = schemaEntries.flatMap((entry) =>
  entry.name === undefined ? [] : [{ ...entry, name: entry.name }],
);

const entries = new Map<z.ZodType, NamedEntry>(namedEntries.map((entry) => [entry.schema, entry]));

/** The entry of a schema; every schema in the table of operations has a name. */
function entryOf(schema: z.ZodType): NamedEntry {
  const entry = entries.get(schema);
  if (entry === undefined) {
    throw new Error("A schema is described that has no name; make it an entry of a file in description/schemas");
  }
  return entry;
}

export const nameOf = (schema: z.ZodType): string => entryOf(schema).name;

/** The example of a schema, if it has one. */
export const exampleOf = (schema: z.ZodType): unknown => entryOf(schema).example;

/** What the lines of a stream are, by the schema of each. */
export const linesOf = (schema: z.ZodType): readonly unknown[] => entryOf(schema).lines ?? [];
