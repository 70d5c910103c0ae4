import type { Metadata } from "@arrwdb/protocol/documents/metadata";
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
