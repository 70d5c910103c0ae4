import type { FoundHit, LibraryHandle, AnswerWith } from "arrwdb-client";

/** A search's first page with the hits of the pages after it, `k` in all. */
export async function withFurtherPages(
  library: LibraryHandle,
  first: AnswerWith<FoundHit>,
  k: number,
  signal: AbortSignal,
): Promise<AnswerWith<FoundHit>> {
  const { next_cursor, truncated: _truncated, ...answer } = first;
  const results = [...first.results];
  let took = first.took_ms;
  for (let cursor = next_cursor; typeof cursor === "string" && results.length < k;) {
    const page = await library.search({ cursor }, { signal });
    results.push(...page.results);
    took += page.took_ms;
    cursor = page.next_cursor;
  }
  const hits = results.slice(0, k);
  return { ...answer, results: hits, total: hits.length, took_ms: took };
}
