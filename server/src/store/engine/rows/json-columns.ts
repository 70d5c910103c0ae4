import { parseExactly } from "@arrwdb/protocol/exact-json";
import type { Metadata } from "@arrwdb/protocol/metadata";

/** Columns that we wrote as JSON ourselves, and so read back without checking them again. */
export function metadataOf(json: string): Metadata {
  if (json === "{}") return {};
  const value: Metadata = parseExactly(json);
  return value;
}

export function tagsOf(json: string): readonly string[] {
  if (json === "[]") return [];
  const value: readonly string[] = JSON.parse(json);
  return value;
}
