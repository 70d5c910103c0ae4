import type { SearchUpdated } from "@arrwdb/protocol/websocket/live";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { LiveHit } from "@arrwdb/protocol/search/search";

export type ResultChanges = Pick<SearchUpdated, "entered" | "left" | "moved" | "changed">;

/** How results differ from those last sent to the reader; undefined if they do not. */
export function resultChanges(before: readonly LiveHit[], after: readonly LiveHit[]): ResultChanges | undefined {
  const known = new Map(before.map((hit) => [hit.chunk_id, hit]));
  const entered: LiveHit[] = [];
  const moved: ResultChanges["moved"] = [];
  const changed: ResultChanges["changed"] = [];
  for (const hit of after) {
    const previous = known.get(hit.chunk_id);
    known.delete(hit.chunk_id);
    const { chunk_id, document_id, rank } = hit;
    if (previous === undefined) entered.push(hit);
    else if (previous.rank !== rank) moved.push({ chunk_id, document_id, rank, previous_rank: previous.rank });
    if (previous !== undefined && hasChanged(previous, hit)) changed.push({ chunk_id, document_id, rank });
  }
  const left = [...known.values()].map(({ chunk_id, document_id, rank }) => ({
    chunk_id,
    document_id,
    previous_rank: rank,
  }));
  const count = entered.length + moved.length + left.length + changed.length;
  return count === 0 ? undefined : { entered, left, moved, changed };
}

/** The store gives the same object for a chunk as long as it is shown and does not change. */
function hasChanged(before: LiveHit, after: LiveHit): boolean {
  if (before.document !== after.document && stringifyExactly(before.document) !== stringifyExactly(after.document))
    return true;
  return JSON.stringify(before.highlights) !== JSON.stringify(after.highlights);
}
