import type { AnyPagedQuery, LibraryHandle, RankedHit } from "arrwdb-client";

/** Maximum number of hits of one search, and of a page. */
const pageSize = 1_000;

/**
 * The best `k` hits, in pages if one search cannot have so many: all as of the position of the first page.
 *
 * @throws RangeError if more match, but the server ranks fewer than `k`
 */
export async function firstHits(
  library: LibraryHandle,
  query: AnyPagedQuery,
  k: number,
): Promise<readonly RankedHit[]> {
  if (k <= pageSize) return (await library.search({ ...query, k })).results;
  const hits: RankedHit[] = [];
  for await (const { results, truncated, next_cursor } of library.searchPages({ ...query, k: pageSize })) {
    hits.push(...results);
    if (hits.length >= k) break;
    if (next_cursor === null && truncated === true) {
      throw new RangeError(`k: must be at most ${hits.length}, as the server ranks no more; narrow the filter`);
    }
  }
  return hits.slice(0, k);
}
