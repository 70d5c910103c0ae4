import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";
import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import type { IndexState, SearchingState } from "../../../telemetry/data-state.ts";
import type { LibraryIndex } from "./library-index.ts";
import type { Quality } from "./vector-index.ts";

/** All indexes together. */
export type RegistryTotals = Pick<SearchingState, "pending" | "rebuilding" | "indexes" | "metadataBytes">;

/** Adds up indexes by kind; each kind is in the result. */
export function totalsByKind(kinds: readonly IndexKind[], libraries: Iterable<LibraryIndex>): readonly IndexState[] {
  const totals = new Map(kinds.map((kind) => [kind, { kind, libraries: 0, chunks: 0, bytes: 0 }]));
  for (const { all, searchable } of libraries) {
    for (const index of all) {
      const own = totals.get(index.kind);
      if (own !== undefined) own.bytes += index.bytes;
    }
    const own = searchable === undefined ? undefined : totals.get(searchable.kind);
    if (own === undefined) continue;
    own.libraries++;
    own.chunks += searchable?.size ?? 0;
  }
  return [...totals.values()];
}

/** Figures of one library's index; `index` is undefined if it is not in memory. */
export function indexStatistics(
  index: LibraryIndex | undefined,
): Omit<LibraryStatistics["index"], "settings" | "pending" | "rebuilding"> {
  const searchable = index?.searchable;
  return {
    kind: searchable?.kind ?? null,
    effort: searchable?.effort ?? null,
    measured: measurementOf(searchable?.quality),
    chunks: searchable?.size ?? 0,
    memory_bytes: index?.bytes ?? 0,
    metadata_memory_bytes: index?.metadataBytes ?? 0,
  };
}

function measurementOf(quality: Quality | undefined): LibraryStatistics["index"]["measured"] {
  return quality === undefined ? null : { ...quality, at: new Date(quality.at).toISOString() };
}
