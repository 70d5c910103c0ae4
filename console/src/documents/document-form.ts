import {
  type Document,
  type DocumentPatch,
  type Metadata,
  type MetadataValue,
  parseJson,
  stringifyJson,
} from "arrwdb-client";
import { mergePatch } from "@arrwdb/protocol/documents/merge-patch";

/** The fields of a document that can be changed without its texts, as a form has them. */
export interface DocumentForm {
  readonly title: string;
  readonly author: string;
  readonly document_type: string;
  readonly source_url: string;
  /** One on each line. */
  readonly tags: string;
  readonly expires_at: string;
  readonly metadata: string;
}

export type FormField = keyof DocumentForm;
export const formFields = ["title", "author", "document_type", "source_url", "tags", "expires_at", "metadata"] as const;

/** What the form has of a document. */
export type Described = Pick<Document, FormField | "title_generated">;

export type CheckedPatch = { readonly patch: DocumentPatch } | { readonly fault: string };

export const formOf = (document: Described): DocumentForm => ({
  title: document.title_generated ? "" : document.title,
  author: document.author ?? "",
  document_type: document.document_type ?? "",
  source_url: document.source_url ?? "",
  tags: document.tags.join("\n"),
  expires_at: document.expires_at ?? "",
  metadata: stringifyJson(document.metadata, 2),
});

/** Fields in which two forms differ. */
export const changedFields = (before: DocumentForm, after: DocumentForm): readonly FormField[] =>
  formFields.filter((field) => before[field] !== after[field]);

/** The patch that makes of the document what the form says; only of fields that differ. */
export function patchOf(document: Described, form: DocumentForm): CheckedPatch {
  const patch: Record<string, unknown> = {};
  for (const field of changedFields(formOf(document), form)) {
    if (field === "metadata") {
      const checked = metadataPatch(document.metadata, form.metadata);
      if ("fault" in checked) return checked;
      if (Object.keys(checked.patch).length > 0) patch[field] = checked.patch;
    } else if (field === "tags") patch[field] = linesOf(form.tags);
    else patch[field] = form[field].trim() === "" ? null : form[field].trim();
  }
  return { patch };
}

const linesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/**
 * The form on top of a newer state of the document: fields that were not touched are the newer ones, and of metadata each
 * field is.
 */
export function rebased(form: DocumentForm, before: Described, after: Described): DocumentForm {
  const touched = changedFields(formOf(before), form);
  const kept = Object.fromEntries(touched.map((field) => [field, form[field]]));
  const next = { ...formOf(after), ...kept };
  if (!touched.includes("metadata")) return next;
  const checked = metadataPatch(before.metadata, form.metadata);
  if ("fault" in checked) return next;
  return { ...next, metadata: stringifyJson(mergePatch(after.metadata, checked.patch), 2) };
}

function metadataPatch(before: Metadata, text: string): { readonly patch: Metadata } | { readonly fault: string } {
  let after: unknown;
  try {
    after = text.trim() === "" ? {} : parseJson(text);
  } catch (error) {
    return { fault: `Metadata is not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!isObject(after)) return { fault: 'Metadata must be an object, such as {"year": 2020}' };
  const nulled = newNull(before, after, "");
  return nulled === undefined
    ? { patch: difference(before, after) }
    : { fault: `Metadata: ${nulled} cannot become null, which removes a field; leave it out to remove it` };
}

const isObject = (value: unknown): value is Metadata =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isEqual = (one: MetadataValue | undefined, other: MetadataValue) =>
  one !== undefined && stringifyJson(one) === stringifyJson(other);

/** The path of a field that has become null, which a merge patch cannot say. */
function newNull(before: Metadata, after: Metadata, path: string): string | undefined {
  for (const [name, value] of Object.entries(after)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    if (value === null && known !== null) return `${path}${name}`;
    if (!isObject(value)) continue;
    const inner = newNull(isObject(known) ? known : {}, value, `${path}${name}.`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** The merge patch (RFC 7386) from one to the other. */
function difference(before: Metadata, after: Metadata): Metadata {
  const patch: [string, MetadataValue][] = [];
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch.push([name, null]);
  for (const [name, value] of Object.entries(after)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isEqual(known, value)) continue;
    if (!isObject(known) || !isObject(value)) patch.push([name, value]);
    else {
      const inner = difference(known, value);
      // The same fields in another order are the same object.
      if (Object.keys(inner).length > 0) patch.push([name, inner]);
    }
  }
  return Object.fromEntries(patch);
}
