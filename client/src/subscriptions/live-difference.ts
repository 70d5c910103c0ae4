import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { LiveResults, SocketSearchHit } from "../wire.ts";

/** The results of a search at a position. */
export interface LiveState {
  readonly seq: number;
  readonly results: SocketSearchHit[];
  readonly total: number;
  readonly exact: boolean;
  readonly groups?: LiveResults["groups"];
  readonly facets?: LiveResults["facets"];
}

/** Whether the two states have equal results. */
export function sameResults(before: LiveState, after: LiveState): boolean {
  const [one, other] = [before, after].map(({ exact, results, groups, facets }) =>
    stringifyExactly([exact, results, groups, facets]),
  );
  return one === other;
}

/** How the results changed since `before`; if undefined, all of them have entered. */
export function differenceOf(before: LiveState | undefined, after: LiveState): LiveResults {
  const previous = new Map(before?.results.map((hit) => [hit.chunk_id, hit.rank]));
  const documents = new Map(before?.results.map((hit) => [hit.chunk_id, stringifyExactly(hit.document)]));
  const present = new Set(after.results.map((hit) => hit.chunk_id));
  const entered = after.results.filter(({ chunk_id }) => !previous.has(chunk_id));
  const moved = after.results.flatMap(({ chunk_id, document_id, rank }) => {
    const previous_rank = previous.get(chunk_id);
    return previous_rank === undefined || previous_rank === rank
      ? []
      : [{ chunk_id, document_id, rank, previous_rank }];
  });
  const changed = after.results.flatMap(({ chunk_id, document_id, rank, document }) => {
    const known = documents.get(chunk_id);
    return known === undefined || known === stringifyExactly(document) ? [] : [{ chunk_id, document_id, rank }];
  });
  const left = (before?.results ?? [])
    .filter(({ chunk_id }) => !present.has(chunk_id))
    .map(({ chunk_id, document_id, rank }) => ({ chunk_id, document_id, previous_rank: rank }));
  const { seq, results, total, exact, groups, facets } = after;
  const counts = { ...(groups === undefined ? {} : { groups }), ...(facets === undefined ? {} : { facets }) };
  return { seq, results, total, exact, ...counts, entered, left, moved, changed };
}
