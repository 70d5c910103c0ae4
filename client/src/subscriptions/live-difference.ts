import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { LiveResultsWith } from "../chosen-hits.ts";
import type { HitGroup, LiveHit, LiveResults, SocketSearchHit } from "../wire.ts";

/** The results of a search at a position. */
export interface LiveState<Hit extends LiveHit = SocketSearchHit> {
  readonly seq: number;
  readonly results: Hit[];
  readonly total: number;
  readonly exact: boolean;
  readonly groups?: HitGroup<Hit>[] | undefined;
  readonly facets?: LiveResults["facets"];
}

/** Whether the two states have equal results. */
export function sameResults(before: LiveState<LiveHit>, after: LiveState<LiveHit>): boolean {
  const [one, other] = [before, after].map(({ exact, results, groups, facets }) =>
    stringifyExactly([exact, results, groups, facets]),
  );
  return one === other;
}

/** How the results changed since `before`; if undefined, all of them have entered. */
export function differenceOf<Hit extends LiveHit>(
  before: LiveState<Hit> | undefined,
  after: LiveState<Hit>,
): LiveResultsWith<Hit> {
  const previous = new Map(before?.results.map((hit) => [hit.chunk_id, hit.rank]));
  const documents = new Map(before?.results.map((hit) => [hit.chunk_id, shownOf(hit)]));
  const present = new Set(after.results.map((hit) => hit.chunk_id));
  const entered = after.results.filter(({ chunk_id }) => !previous.has(chunk_id));
  const moved = after.results.flatMap(({ chunk_id, document_id, rank }) => {
    const previous_rank = previous.get(chunk_id);
    return previous_rank === undefined || previous_rank === rank
      ? []
      : [{ chunk_id, document_id, rank, previous_rank }];
  });
  const changed = after.results.flatMap((hit) => {
    const { chunk_id, document_id, rank } = hit;
    const known = documents.get(chunk_id);
    return known === undefined || known === shownOf(hit) ? [] : [{ chunk_id, document_id, rank }];
  });
  const left = (before?.results ?? [])
    .filter(({ chunk_id }) => !present.has(chunk_id))
    .map(({ chunk_id, document_id, rank }) => ({ chunk_id, document_id, previous_rank: rank }));
  const { seq, results, total, exact, groups, facets } = after;
  const counts = { ...(groups === undefined ? {} : { groups }), ...(facets === undefined ? {} : { facets }) };
  return { seq, results, total, exact, ...counts, entered, left, moved, changed };
}

/** What can change of a hit that stays. */
const shownOf = ({ document, highlights }: LiveHit): string => stringifyExactly([document, highlights]);
