import { type Metadata, type MetadataValue, stringifyJson } from "arrwdb-client";

/** A field by its path in filters, with its values as a text. */
export interface MetadataField {
  readonly path: string;
  readonly text: string;
}

/** Names by which filters, facets and groups mean a field of the server's. */
const serverFields: ReadonlySet<string> = new Set([
  "title",
  "author",
  "document_type",
  "source_url",
  "tags",
  "created_at",
  "updated_at",
  "expires_at",
  "page_number",
  "chunk_index",
  "source_document_id",
  "document_id",
]);

/** The path by which a filter finds a user's field of this name, whatever the server calls so. */
const pathOf = (name: string): string =>
  serverFields.has(name) || name.startsWith("$") || name.startsWith("metadata.") ? `metadata.${name}` : name;

const isList = (value: MetadataValue): value is readonly MetadataValue[] => Array.isArray(value);

const isObject = (value: MetadataValue): value is Metadata =>
  typeof value === "object" && value !== null && !isList(value);

const textOf = (value: MetadataValue): string => (typeof value === "string" ? value : stringifyJson(value));

/** Nested metadata as a flat list: `{"a": {"b": [1, 2]}}` is the field `a.b` with the text "1, 2". */
export function fieldsOfMetadata(metadata: Metadata): readonly MetadataField[] {
  const texts = new Map<string, string[]>();
  const tell = (path: string, value: MetadataValue): void => {
    const known = texts.get(path);
    if (known === undefined) texts.set(path, [textOf(value)]);
    else known.push(textOf(value));
  };
  const add = (path: string, value: MetadataValue): void => {
    const inner = isObject(value) ? Object.entries(value) : [];
    for (const [name, each] of inner) add(`${path}.${name}`, each);
    if (inner.length > 0) return;
    if (isList(value) && value.length > 0) {
      // Filters lead through a list to the objects in it, but not into a list in a list.
      for (const each of value) {
        if (isObject(each)) add(path, each);
        else tell(path, each);
      }
    } else tell(path, value);
  };
  for (const [name, value] of Object.entries(metadata)) add(pathOf(name), value);
  return [...texts].map(([path, values]) => ({ path, text: values.join(", ") }));
}
