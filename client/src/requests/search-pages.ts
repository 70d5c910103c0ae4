import type { SearchOptions } from "../library-options.ts";
import type { AnswerWith, AnyChosenQuery, ChosenPagedQuery } from "../chosen-hits.ts";
import type { AnyPagedQuery, FoundHit, HitField } from "../wire.ts";

/** Whatever makes searches. */
interface SearchesPages {
  search(query: AnyChosenQuery, options: SearchOptions): Promise<AnswerWith<FoundHit>>;
}

/** Hits of a page if the search does not say. */
const defaultPage = 100;

/** All pages of a search; each is requested when the one before was consumed. */
export async function* searchPages(
  library: SearchesPages,
  query: string | AnyPagedQuery | ChosenPagedQuery<readonly HitField[]>,
  { explain, ...options }: SearchOptions,
): AsyncGenerator<AnswerWith<FoundHit>, void> {
  const asked = typeof query === "string" ? { query } : query;
  let page = await library.search({ ...asked, k: asked.k ?? defaultPage, pages: true }, { ...options, explain });
  for (;;) {
    yield page;
    if (typeof page.next_cursor !== "string") return;
    page = await library.search({ cursor: page.next_cursor }, options);
  }
}
