import type { SearchUpdated } from "@arrwdb/protocol/websocket/live";
import type { SocketSearchHit } from "@arrwdb/protocol/search/search";

export type ResultChanges = Pick<SearchUpdated, "entered" | "left" | "moved">;

/** How results differ from those last sent to the reader; undefined if they do not. */
export function resultChanges(
  before: readonly SocketSearchHit[],
  after: readonly SocketSearchHit[],
): ResultChanges | undefined {
  const known = new Map(before.map((hit) => [hit.chunk_id, hit]));
  const entered: SocketSearchHit[] = [];
  const moved: ResultChanges["moved"] = [];
  for (const hit of after) {
    const previous = known.get(hit.chunk_id);
    known.delete(hit.chunk_id);
    const { chunk_id, document_id, rank } = hit;
    if (previous === undefined) entered.push(hit);
    else if (previous.rank !== rank) moved.push({ chunk_id, document_id, rank, previous_rank: previous.rank });
  }
  const left = [...known.values()].map(({ chunk_id, document_id, rank }) => ({
    chunk_id,
    document_id,
    previous_rank: rank,
  }));
  return entered.length + moved.length + left.length === 0 ? undefined : { entered, left, moved };
}
