import { limits } from "@arrwdb/protocol/limits";
import type { Facets } from "@arrwdb/protocol/search/facets";
import type { SearchExplanation } from "@arrwdb/protocol/search/explanation";
import type { LikeSearch, StoreSearch, VectorSearch } from "../../../search-store.ts";
import { toErrorData } from "../../threads/error-data.ts";
import type { Outcome } from "../../threads/thread-messages.ts";
import { finish, type Steps } from "../../../../scheduling/steps.ts";
import { AnswerSize } from "../../rows/answer-size.ts";
import type { FacetCounter } from "../facets/facet-counter.ts";
import { firstHits, type FoundGroup, type GroupRanker } from "../groups/group-ranker.ts";
import type { Scores } from "../../text/text-scores.ts";
import type { EncodedAnswer } from "./encoded-answer.ts";
import { groupsAsJson } from "./group-serializer.ts";
import type { FoundChunk, HitSerializer, HitText } from "./hit-serializer.ts";
import type { FirstPages } from "../pages/first-pages.ts";
import { HitShape } from "./hit-shape.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import type { LibrariesTable } from "../../rows/libraries-table.ts";
import type { RecallSampler } from "../statistics/recall-sampler.ts";
import type { SearchCounts } from "../statistics/search-statistics.ts";
import type { Likeness, LikeSearcher } from "../ranking/like-searcher.ts";
import type { Ranking, Rankings } from "../ranking/rankings.ts";
import type { Searcher } from "../ranking/searcher.ts";
import type { RankedText, TextSearcher } from "../ranking/text-searcher.ts";

/** A search and the time at which the thread received it. */
export interface WaitingSearch {
  readonly search: StoreSearch;
  readonly since: number;
}

/** Dependencies of `Answers`. */
export interface AnswerParts {
  readonly hits: HitSerializer;
  readonly libraries: LibrariesTable;
  readonly chunks: ChunksTable;
  readonly searcher: Searcher;
  readonly texts: TextSearcher;
  readonly facets: FacetCounter;
  readonly likes: LikeSearcher;
  readonly groups: GroupRanker;
  readonly counts: SearchCounts;
  readonly sampler: RecallSampler;
  readonly pages: FirstPages;
}

/** What is written of a ranking. */
export interface RankedSearch extends Pick<Outline, "seq" | "exact"> {
  readonly libraryId: string;
  readonly search: StoreSearch;
}

interface Times {
  readonly waited: number;
  readonly search: number;
  readonly read: number;
}

type Explain = (times: Times) => SearchExplanation;

/** An answer without the contents of its hits. */
interface Outline {
  readonly seq: number;
  readonly exact: boolean;
  readonly chosen: readonly FoundChunk[];
  readonly groups?: readonly FoundGroup[] | undefined;
  readonly facets?: Facets | undefined;
  readonly explain: Explain;
}

/** One search, before its hits are grouped. */
interface FirstOutline {
  readonly outline: Outline;
  /** Those of a search by words alone. */
  readonly scores?: Scores | undefined;
  /** What a search by likeness names. */
  readonly likeness?: Likeness | undefined;
  /** Whether nothing but these hits matches. */
  readonly complete: boolean;
}

/** Hits serialized per step, unless they are parsed or marked. */
const hitsAtOnce = 32;

/** Runs searches and serializes their answers: contents of hits, and explanations. */
export class Answers {
  readonly #parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  /**
   * Answers vector searches of one library in a batch.
   *
   * @throws TakesLong and AwaitsIndex as `Searcher.rankSoon` does
   */
  searchSoon(libraryId: string, waiting: readonly WaitingSearch[]): readonly EncodedAnswer[] {
    const started = performance.now();
    const rankings = this.#parts.searcher.rankSoon(libraryId, waiting.map(byVector));
    const outlines = this.#outlines(libraryId, waiting.map(byVector), rankings);
    const found = performance.now();
    return waiting.map((asked, place) =>
      finish(this.#write(libraryId, outlineAt(outlines, place), asked, { started, found })),
    );
  }

  /** Answers searches of one library in steps: one of any kind, or several by vector alone. Searches fail independently. */
  *searchInSteps(libraryId: string, waiting: readonly WaitingSearch[]): Steps<readonly Outcome<EncodedAnswer>[]> {
    const started = performance.now();
    const outlines = yield* this.#find(libraryId, waiting);
    const found = performance.now();
    const outcomes: Outcome<EncodedAnswer>[] = [];
    for (const [place, asked] of waiting.entries()) {
      try {
        const outline = outlineAt(outlines, place);
        const isPaged = asked.search.pages === true;
        const chosen = isPaged ? outline.chosen.slice(0, asked.search.k) : outline.chosen;
        const answer = yield* this.#write(libraryId, { ...outline, chosen }, asked, { started, found });
        const pages = isPaged ? this.#parts.pages.keep(libraryId, asked.search, outline) : undefined;
        outcomes.push({ value: { ...answer, pages } });
      } catch (error) {
        outcomes.push({ error: toErrorData(error) });
      }
    }
    return outcomes;
  }

  /** A further page of a search: these of its hits. */
  *page({ libraryId, search, seq, exact }: RankedSearch, chosen: readonly FoundChunk[]): Steps<EncodedAnswer> {
    const now = performance.now();
    const outline = { seq, exact, chosen, explain: unexplained };
    const asked = { search: { ...search, explain: false }, since: now };
    return yield* this.#write(libraryId, outline, asked, { started: now, found: now });
  }

  *#find(libraryId: string, waiting: readonly WaitingSearch[]): Steps<readonly Outline[]> {
    const [first] = waiting;
    if (first === undefined || waiting.length > 1) return yield* this.#findNearest(libraryId, waiting);
    const { search, since } = first;
    // The state of this moment, as that of the search.
    const facets = this.#parts.facets.begin(libraryId, search);
    const groups = this.#parts.groups.begin(libraryId, search);
    const k = search.pages === true ? this.#parts.pages.most(search) + 1 : firstHits(search);
    const found = yield* this.#findFirst(libraryId, { search: { ...search, k }, since });
    const { outline, scores, likeness } = found;
    const grouped = groups && (yield* groups.find({ ...outline, ...found }));
    return [{ ...outline, ...grouped, facets: facets && (yield* facets.count(scores, likeness)) }];
  }

  /** One search, without what is counted and grouped. */
  *#findFirst(libraryId: string, waiting: WaitingSearch): Steps<FirstOutline> {
    const { search } = waiting;
    if (search.mode === "like") return yield* this.#findLike(libraryId, search);
    if (search.mode !== "text" && search.mode !== "hybrid") {
      const [outline] = yield* this.#findNearest(libraryId, [waiting]);
      if (outline === undefined) throw new Error("A search has no answer");
      return { outline, complete: outline.chosen.length < search.k };
    }
    const { texts, counts } = this.#parts;
    const ranking = yield* search.mode === "text"
      ? texts.search(libraryId, search)
      : texts.searchBoth(libraryId, search);
    counts.countText(libraryId, search.mode, ranking.exact);
    const { seq, exact, chosen, scores, vector } = ranking;
    const outline = { seq, exact, chosen, explain: (times: Times) => explainText(ranking, times) };
    // All that match are among the nearest, of which as many were asked for.
    const complete = Math.max(chosen.length, vector?.chosen.length ?? 0) < search.k;
    return { outline, scores, complete };
  }

  *#findLike(libraryId: string, asked: LikeSearch): Steps<FirstOutline> {
    const likeness = yield* this.#parts.likes.search(libraryId, asked);
    const [outline] = this.#outlines(libraryId, [likeness.search], likeness.rankings);
    if (outline === undefined) throw new Error("A search has no answer");
    return { outline, likeness, complete: outline.chosen.length < asked.k };
  }

  *#findNearest(libraryId: string, waiting: readonly WaitingSearch[]): Steps<readonly Outline[]> {
    const searches = waiting.map(byVector);
    return this.#outlines(libraryId, searches, yield* this.#parts.searcher.rankInSteps(libraryId, searches));
  }

  #outlines(libraryId: string, searches: readonly VectorSearch[], rankings: Rankings): readonly Outline[] {
    this.#parts.counts.count(libraryId, rankings.answers);
    // Repeating a search for that many would take too long.
    const isUsual = searches.every(({ k }) => k <= limits.k);
    if (isUsual) this.#parts.sampler.offer(libraryId, searches, rankings.answers);
    return rankings.answers.map((ranking) => ({
      seq: rankings.seq,
      exact: ranking.exact,
      chosen: ranking.chosen,
      explain: (times) => explainVector(ranking, rankings, times),
    }));
  }

  #shapeOf(libraryId: string, search: StoreSearch): HitShape | undefined {
    if (search.include === undefined && search.highlight === undefined) return undefined;
    const { library, space } = this.#parts.libraries.find(libraryId);
    return new HitShape(search, { language: library.language, vectors: this.#parts.chunks.inSpace(space) });
  }

  /** @throws ArrwError `answer_too_large` */
  *#write(
    libraryId: string,
    { seq, exact, chosen, groups, facets, explain }: Outline,
    { search, since }: WaitingSearch,
    { started, found }: { readonly started: number; readonly found: number },
  ): Steps<EncodedAnswer> {
    const reading = performance.now();
    const size = new AnswerSize();
    const hits = new Map<number, HitText>();
    const shape = this.#shapeOf(libraryId, search);
    for (const each of chosen) {
      const hit = this.#parts.hits.find(each, each.rank ?? hits.size + 1, shape);
      if (hit === undefined) throw new Error(`Chunk ${each.key} is in the index but not in the tables`);
      if (!size.add(hit)) throw size.refusal();
      hits.set(each.key, hit);
      if (shape !== undefined || hits.size % hitsAtOnce === 0) yield;
    }
    const hitsJson = `[${Array.from(hits.values(), ({ json }) => json).join(",")}]`;
    const groupsJson = groups && groupsAsJson(groups, hits, size);
    const answer = { hitsJson, count: hits.size, exact, seq, groupsJson, facets };
    if (search.explain !== true) return answer;
    const times = { waited: started - since, search: found - started, read: performance.now() - reading };
    return { ...answer, explanation: explain(times) };
  }
}

function byVector({ search }: WaitingSearch): VectorSearch {
  if (search.mode === undefined || search.mode === "vector") return search;
  throw new Error("A search by words or likeness is answered in steps");
}

function unexplained(): never {
  throw new Error("Only the first page of a search is explained");
}

function outlineAt(outlines: readonly Outline[], place: number): Outline {
  const outline = outlines[place];
  if (outline === undefined) throw new Error("A search has no answer");
  return outline;
}

function explainVector(
  ranking: Ranking,
  { index, size, effort, walkable, answers }: Rankings,
  times: Times,
): SearchExplanation {
  const { plan, measured, check } = ranking;
  const { selection } = check;
  return {
    plan,
    index: plan === "disk" ? null : index,
    matching: selection?.count ?? null,
    selectivity: selection === undefined ? null : Math.min(1, selection.count / Math.max(1, size)),
    candidates: measured,
    effort: plan === "walk" ? effort : null,
    walkable: plan === "disk" ? null : walkable,
    batch: answers.length,
    ...timings(times),
  };
}

function explainText(ranking: RankedText, times: Times): SearchExplanation {
  const { vector, terms, added, matching } = ranking;
  return {
    plan: vector?.plan ?? "text",
    index: vector === undefined || vector.plan === "disk" ? null : ranking.index,
    matching: vector?.check.selection?.count ?? null,
    selectivity:
      vector?.check.selection === undefined
        ? null
        : Math.min(1, vector.check.selection.count / Math.max(1, ranking.size)),
    candidates: vector?.measured ?? 0,
    effort: vector?.plan === "walk" ? ranking.effort : null,
    walkable: vector === undefined || vector.plan === "disk" ? null : ranking.walkable,
    batch: 1,
    words: { terms: [...terms], added: [...added], matching },
    ...timings(times),
  };
}

const timings = ({ waited, search, read }: Times) => ({
  waited_ms: rounded(waited),
  search_ms: rounded(search),
  read_ms: rounded(read),
});

const rounded = (milliseconds: number) => Math.max(0, Math.round(milliseconds * 1000) / 1000);
