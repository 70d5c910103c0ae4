import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import { limits } from "@arrwdb/protocol/limits";
import type { FoundSearchHit } from "@arrwdb/protocol/search/search";
import type { HitsChange, McpDatabase } from "./mcp-database.ts";
import type { ToolContext } from "./mcp-tool.ts";

export interface SearchWatch {
  readonly query: string;
  readonly k: number;
  readonly threshold: number | undefined;
  readonly filter: Filter | undefined;
  /** The position up to which the caller knows the hits. */
  readonly after: number | undefined;
  readonly milliseconds: number;
}

/** Maximum of pages of events examined since a position. */
const pagesOfChanges = 10;

/** The next change of a search's hits, or none on time-out; continue from `seq`. */
export async function watchSearch(
  { database, waiting }: Pick<ToolContext, "database" | "waiting">,
  libraryId: string,
  watch: SearchWatch,
  scope: AbortSignal,
): Promise<HitsChange> {
  const { query: query_text, k, threshold, filter: metadata_filter, after, milliseconds } = watch;
  const standing = await database.watch(libraryId, { query_text, k, threshold, metadata_filter }, scope);
  const { results, seq } = standing.first;
  if (after !== undefined) {
    const entered = await changedSince(database, { libraryId, after, hits: results }, scope);
    if (entered.length > 0) return { entered, left: [], seq };
  }
  // These were the hits at `seq`. If they stay the same, the next call starts there, and misses nothing.
  return (await waiting.wait(milliseconds, standing.changed)) ?? { entered: [], left: [], seq };
}

/** Those of the hits whose documents were written after the position. */
async function changedSince(
  database: McpDatabase,
  { libraryId, after, hits }: { libraryId: string; after: number; hits: readonly FoundSearchHit[] },
  signal: AbortSignal,
): Promise<readonly FoundSearchHit[]> {
  const changed = new Set<string>();
  let from = after;
  for (let page = 0; page < pagesOfChanges; page++) {
    const found = await database.events(
      libraryId,
      { from_seq: from, events: ["document.added", "document.updated"] },
      limits.eventPage,
      signal,
    );
    for (const { data } of found.events) if ("document_id" in data) changed.add(data.document_id);
    if (!found.has_more) return hits.filter((hit) => changed.has(hit.document_id));
    from = found.next_from_seq;
  }
  const message = `after: too much has changed since position ${after}; search again, and watch from the position of that result`;
  throw new ArrwError("validation_failed", message, { field: "after" });
}
