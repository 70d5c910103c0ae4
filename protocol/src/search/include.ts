import { z } from "zod";
import { documentFields } from "../documents/model.ts";
import { limits } from "../limits.ts";

/** A field of hits that `include` names; after `metadata.`, any path, as in filters. */
export type HitField =
  | "text"
  | "metadata"
  | `metadata.${string}`
  | "own_metadata"
  | `own_metadata.${string}`
  | "document"
  | `document.${"title" | "title_generated" | "author" | "document_type" | "source_url" | "tags" | "metadata"}`
  | `document.metadata.${string}`
  | "embedding";

/** Names of fields that a hit has. */
export type Include = readonly HitField[];

/** Fields that are chosen as a whole. */
const wholeFields: ReadonlySet<string> = new Set([
  "text",
  "metadata",
  "own_metadata",
  "document",
  ...Object.keys(documentFields).map((name) => `document.${name}`),
  "embedding",
]);

/** What the names of a user's fields begin with. */
const anyNames = ["metadata.", "own_metadata.", "document.metadata."];

/** What identifies a hit, and is always there. */
const identifying: ReadonlySet<string> = new Set(["rank", "chunk_id", "document_id", "id", "distance", "score"]);

const isHitField = (name: unknown): name is HitField =>
  typeof name === "string" &&
  name.length <= limits.fieldPath &&
  (wholeFields.has(name) || anyNames.some((prefix) => name.startsWith(prefix) && name.length > prefix.length));

const choices = [...wholeFields, ...anyNames.map((prefix) => `${prefix}NAME`)].join(", ");

function faultOf(name: unknown): string {
  if (typeof name !== "string") return "must be a string, the name of a field";
  if (name.length > limits.fieldPath) return `is too long; at most ${limits.fieldPath} characters are accepted`;
  if (identifying.has(name)) return `is "${name}", which every hit has; leave it out`;
  const inDocument = `document.${name.split(".")[0]}`;
  const meant = wholeFields.has(inDocument) ? `; did you mean ${inDocument}?` : "";
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return `"${shown}" is not a field of a hit${meant} (${choices})`;
}

/** By hand, so that the type tells the names. */
const hitField = z
  .custom<HitField>(isHitField, { error: ({ input }) => faultOf(input) })
  .meta({ type: "string", minLength: 1, maxLength: limits.fieldPath });

/** The fields that hits have besides those that identify them. */
export const include = z
  .array(hitField, { error: 'must be an array of fields, such as ["text", "document.title"]' })
  .max(limits.includedFields, `has more than ${limits.includedFields} fields`);
