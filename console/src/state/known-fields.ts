import { signal } from "@preact/signals";

/** Maximum of fields that are remembered of a library. */
const most = 100;
/** Characters of a path that can still be read in a list; longer ones can be filtered by all the same. */
const longestPath = 200;

const known = signal<ReadonlyMap<string, readonly string[]>>(new Map());

/** Fields that have occurred in a library's documents since the page was loaded, sorted. */
export const knownFields = (libraryId: string): readonly string[] => known.value.get(libraryId) ?? [];

/** Remembers fields that occur. */
export function noteFields(libraryId: string, fields: Iterable<string>): void {
  const before = new Set(known.peek().get(libraryId));
  const { size } = before;
  for (const field of fields) if (before.size < most && field.length <= longestPath) before.add(field);
  if (before.size > size) known.value = new Map(known.peek()).set(libraryId, [...before].toSorted());
}
