import type { Metadata } from "./metadata.ts";

interface Fields {
  readonly metadata?: unknown;
}

/** Puts a field called `__proto__`, which schemas of objects leave out, into `metadata`. The document is not validated yet. */
export function withEveryField<Document extends Fields>(document: Document): Document {
  if (!isObject(document) || !Object.hasOwn(document, "__proto__")) return document;
  const given = document["metadata"] ?? {};
  const left: unknown = Object.fromEntries(Object.entries(document).filter(([name]) => name === "__proto__"));
  return isObject(given) && isObject(left) ? { ...document, metadata: { ...given, ...left } } : document;
}

/** Its fields are not validated. */
const isObject = (value: unknown): value is Metadata =>
  typeof value === "object" && value !== null && !Array.isArray(value);
