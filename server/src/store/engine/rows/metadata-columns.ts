import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import { addedFieldNames } from "@arrwdb/protocol/search/search";
import { JsonColumn } from "./json-column.ts";

/** Metadata of a document or a chunk; most have none. */
class MetadataColumn extends JsonColumn<Metadata> {
  override decode(json: string): Metadata {
    return json === "{}" ? {} : super.decode(json);
  }
}

class TagsColumn extends JsonColumn<readonly string[]> {
  override decode(json: string): readonly string[] {
    return json === "[]" ? [] : super.decode(json);
  }
}

export const metadataColumn = new MetadataColumn();
export const tagsColumn = new TagsColumn();

/** Whether a chunk's metadata has a field with the name of one that the server adds to it in hits. */
export const hasAddedField = (metadata: Metadata): boolean =>
  addedFieldNames.values().some((name) => Object.hasOwn(metadata, name));

const mayHaveAddedField = new RegExp(`"(?:${[...addedFieldNames].join("|")})":`);

const inside = (json: string): string => json.slice(1, -1);

/** The metadata of a hit but for what the server adds, as stored and as fields without braces, each in JSON. */
export function hitFields(json: string): { readonly fields: string; readonly own: string | undefined } {
  // Most are not parsed.
  if (!mayHaveAddedField.test(json)) return { fields: inside(json), own: undefined };
  const metadata = metadataColumn.decode(json);
  if (!hasAddedField(metadata)) return { fields: inside(json), own: undefined };
  const others = Object.entries(metadata).filter(([name]) => !addedFieldNames.has(name));
  return { fields: inside(metadataColumn.encode(Object.fromEntries(others))), own: json };
}
