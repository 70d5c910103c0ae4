import { z } from "zod";
import type { MetadataScalar } from "../documents/metadata.ts";
import { limits } from "../limits.ts";
import { boundedText } from "../text.ts";

/** A value of a field that is counted or grouped by: null and objects are none. */
export type FieldValue = Exclude<MetadataScalar, null>;

const isFieldValue = (value: unknown): value is FieldValue =>
  ["string", "number", "bigint", "boolean"].includes(typeof value);

const fieldValue = z
  .custom<FieldValue>(isFieldValue)
  .meta({ type: ["string", "number", "boolean"], description: "The value" });

/** A field as filters name it; `document_id` is the document. */
export const countedField = boundedText(limits.fieldPath, 1);

/** The field of the filter's record that a name of a facet or group stands for. */
export const recordField = (name: string): string => (name === "document_id" ? "source_document_id" : name);

const defaultFacetValues = 10;

const defaultGroupHits = 3;

const facetField = z.strictObject({
  field: countedField.describe("The field, as in a filter; `document_id` is the document"),
  limit: z
    .int({ error: "must be a whole number" })
    .min(1, "must be at least 1")
    .max(limits.facetValues, `must be at most ${limits.facetValues}`)
    .default(defaultFacetValues)
    .describe("Maximum number of values listed"),
});
export type FacetField = z.output<typeof facetField>;

const facetForm = `must be a field's name, or {"field": "...", "limit": 1 to ${limits.facetValues}}`;

/** The fields whose values a search counts. */
export const facetFields = z
  .array(z.union([countedField, facetField], { error: facetForm }), { error: "must be an array of fields" })
  .max(limits.facetFields, `has more than ${limits.facetFields} fields`)
  .superRefine((fields, context) => {
    const names = fields.map(nameOf);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) !== index)
        context.addIssue({
          code: "custom",
          path: [index],
          message: `names ${name} a second time; name each field once`,
        });
    }
  });
export type FacetFields = z.output<typeof facetFields>;

const nameOf = (field: string | FacetField): string => (typeof field === "string" ? field : field.field);

/** The fields in one form. */
export const facetFieldsOf = (fields: FacetFields): readonly FacetField[] =>
  fields.map((field) => (typeof field === "string" ? { field, limit: defaultFacetValues } : field));

/** Groups of hits, one for each value of a field. */
export const groupBy = z.strictObject(
  {
    field: countedField.describe("The field, as in a filter; `document_id` is the document"),
    hits: z
      .int({ error: "must be a whole number" })
      .min(1, "must be at least 1")
      .max(limits.groupHits, `must be at most ${limits.groupHits}`)
      .default(defaultGroupHits)
      .describe("Maximum number of hits of each group"),
  },
  { error: ({ code }) => (code === "invalid_type" ? 'must be an object, such as {"field": "author"}' : undefined) },
);
export type GroupBy = z.output<typeof groupBy>;

/** Why a search has too many hits in all its groups, or undefined. */
export function groupsFault(k: number, grouping: GroupBy | undefined): string | undefined {
  if (grouping === undefined || k * grouping.hits <= limits.k) return undefined;
  return `with k ${k}, must be at most ${Math.floor(limits.k / k)}: groups have at most ${limits.k} hits altogether`;
}

/** The value that a group of hits has in common. */
export const groupValue = fieldValue.nullable().describe("The value; null for chunks without one");

const chunkCount = z.int().min(0);

/** The counts of one field's values. */
export const facet = z.object({
  values: z
    .array(z.object({ value: fieldValue, count: chunkCount.describe("Number of matching chunks with this value") }))
    .describe("The most frequent values, most frequent first; ties in order of the values"),
  missing: chunkCount.describe("Number of matching chunks without a value"),
  others: chunkCount.describe("Sum of the counts of the values that are not listed"),
});
export type Facet = z.output<typeof facet>;

export const facets = z.record(z.string(), facet);
export type Facets = Readonly<Record<string, Facet>>;
