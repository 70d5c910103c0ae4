import type { Metadata, MetadataValue } from "./metadata.ts";

/**
 * Applies a JSON merge patch (RFC 7386): null removes a field, an object is merged with the one that is there, and anything
 * else, lists included, replaces what is there. Fields keep their places.
 */
export function mergePatch(target: Metadata, patch: Metadata): Metadata {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const before = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

const isObject = (value: MetadataValue | undefined): value is Metadata =>
  typeof value === "object" && value !== null && !Array.isArray(value);
