import type { Steps } from "../../../../scheduling/steps.ts";
import type { Answers } from "../answers/search-answers.ts";
import type { EncodedAnswer } from "../answers/encoded-answer.ts";
import type { FoundChunk } from "../answers/hit-serializer.ts";
import type { SearchReader } from "../search-reader.ts";
import type { KeptRanking, KeptRankings } from "./kept-rankings.ts";
import { pageCursor } from "./page-cursor.ts";

/** Hits looked at per step, if documents of the library have expired. */
const lookedAtAtOnce = 64;

interface ChosenPage {
  readonly chosen: readonly FoundChunk[];
  /** Number of the ranking's hits up to its end. */
  readonly end: number;
}

/** Reads further pages of rankings. */
export class PageReader {
  readonly #rankings: KeptRankings;
  readonly #answersOf: (reader: SearchReader) => Answers;

  constructor(rankings: KeptRankings, answersOf: (reader: SearchReader) => Answers) {
    this.#rankings = rankings;
    this.#answersOf = answersOf;
  }

  /**
   * The page at a cursor.
   *
   * @param now sees the current state
   * @throws ArrwError `library_not_found`, `invalid_cursor`, `cursor_expired`
   */
  *read(now: SearchReader, libraryId: string, cursor: string): Steps<EncodedAnswer> {
    now.libraries.find(libraryId);
    const { ranking, from } = this.#rankings.find(libraryId, cursor);
    const end = this.#rankings.use(ranking);
    let isLast = false;
    try {
      const page = yield* this.#choose(ranking, from);
      const answer = yield* this.#answersOf(ranking.reader).page(ranking, page.chosen);
      isLast = page.end >= ranking.hits.length;
      return { ...answer, pages: pagesFrom(ranking, page.end) };
    } finally {
      end(isLast);
    }
  }

  /** The next hits, without those of documents that have expired since. */
  *#choose(ranking: KeptRanking, from: number): Steps<ChosenPage> {
    const { hits, reader, search } = ranking;
    const hasExpired = this.#rankings.expiredSince(ranking);
    const chosen: FoundChunk[] = [];
    let place = from;
    for (; place < hits.length && chosen.length < search.k; place++) {
      const hit = hits.at(place);
      if (hasExpired === undefined) chosen.push(hit);
      else {
        const id = reader.chunks.source(hit.key)?.documentId;
        if (id !== undefined && !hasExpired(id)) chosen.push(hit);
        if (place % lookedAtAtOnce === lookedAtAtOnce - 1) yield;
      }
    }
    return { chosen, end: place };
  }
}

/** How the pages of a ranking go on after this many hits. */
export const pagesFrom = ({ libraryId, id, hits, truncated }: KeptRanking, from: number) => ({
  nextCursor: from < hits.length ? pageCursor({ libraryId, rankingId: id, from }) : null,
  truncated,
});
