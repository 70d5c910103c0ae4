import type { Facets } from "@arrwdb/protocol/search/facets";
import type { SearchExplanation } from "@arrwdb/protocol/search/explanation";
import type { LikeSearch, StoreSearch, VectorSearch } from "../../../search-store.ts";
import { toErrorData } from "../../threads/error-data.ts";
import type { Outcome } from "../../threads/thread-messages.ts";
import { finish, type Steps } from "../../../../scheduling/steps.ts";
import { AnswerSize } from "../../rows/answer-size.ts";
import type { FacetCounter, PendingFacets } from "../facets/facet-counter.ts";
import type { EncodedAnswer } from "./encoded-answer.ts";
import type { FoundChunk, HitSerializer } from "./hit-serializer.ts";
import type { RecallSampler } from "../statistics/recall-sampler.ts";
import type { SearchCounts } from "../statistics/search-statistics.ts";
import type { LikeSearcher } from "../ranking/like-searcher.ts";
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
  readonly searcher: Searcher;
  readonly texts: TextSearcher;
  readonly facets: FacetCounter;
  readonly likes: LikeSearcher;
  readonly counts: SearchCounts;
  readonly sampler: RecallSampler;
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
  readonly facets?: Facets | undefined;
  readonly explain: Explain;
}

/** Hits serialized per step. */
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
    return waiting.map((asked, place) => finish(this.#write(outlineAt(outlines, place), asked, started, found)));
  }

  /** Answers searches of one library in steps: one of any kind, or several by vector alone. Searches fail independently. */
  *searchInSteps(libraryId: string, waiting: readonly WaitingSearch[]): Steps<readonly Outcome<EncodedAnswer>[]> {
    const started = performance.now();
    const outlines = yield* this.#find(libraryId, waiting);
    const found = performance.now();
    const outcomes: Outcome<EncodedAnswer>[] = [];
    for (const [place, asked] of waiting.entries()) {
      try {
        outcomes.push({ value: yield* this.#write(outlineAt(outlines, place), asked, started, found) });
      } catch (error) {
        outcomes.push({ error: toErrorData(error) });
      }
    }
    return outcomes;
  }

  *#find(libraryId: string, waiting: readonly WaitingSearch[]): Steps<readonly Outline[]> {
    const [first] = waiting;
    if (first === undefined || waiting.length > 1) return yield* this.#findNearest(libraryId, waiting);
    const { search } = first;
    // The state of this moment, as that of the search.
    const pending = this.#parts.facets.begin(libraryId, search);
    if (search.mode === "like") return yield* this.#findLike(libraryId, search, pending);
    if (search.mode !== "text" && search.mode !== "hybrid") {
      const [outline] = yield* this.#findNearest(libraryId, waiting);
      if (outline === undefined) throw new Error("A search has no answer");
      return [{ ...outline, facets: pending && (yield* pending.count(undefined)) }];
    }
    const { texts, counts } = this.#parts;
    const ranking = yield* search.mode === "text"
      ? texts.search(libraryId, search)
      : texts.searchBoth(libraryId, search);
    counts.countText(libraryId, search.mode, ranking.exact);
    const facets = pending && (yield* pending.count(ranking.scores));
    return [{ ...ranking, facets, explain: (times) => explainText(ranking, times) }];
  }

  *#findLike(libraryId: string, asked: LikeSearch, pending: PendingFacets | undefined): Steps<readonly Outline[]> {
    const found = yield* this.#parts.likes.search(libraryId, asked);
    const facets = pending && (yield* pending.count(undefined, found));
    return this.#outlines(libraryId, [found.search], found.rankings).map((outline) => ({ ...outline, facets }));
  }

  *#findNearest(libraryId: string, waiting: readonly WaitingSearch[]): Steps<readonly Outline[]> {
    const searches = waiting.map(byVector);
    return this.#outlines(libraryId, searches, yield* this.#parts.searcher.rankInSteps(libraryId, searches));
  }

  #outlines(libraryId: string, searches: readonly VectorSearch[], rankings: Rankings): readonly Outline[] {
    this.#parts.counts.count(libraryId, rankings.answers);
    this.#parts.sampler.offer(libraryId, searches, rankings.answers);
    return rankings.answers.map((ranking) => ({
      seq: rankings.seq,
      exact: ranking.exact,
      chosen: ranking.chosen,
      explain: (times) => explainVector(ranking, rankings, times),
    }));
  }

  /** @throws ArrwError `answer_too_large` */
  *#write(
    { seq, exact, chosen, facets, explain }: Outline,
    { search, since }: WaitingSearch,
    started: number,
    found: number,
  ): Steps<EncodedAnswer> {
    const reading = performance.now();
    const size = new AnswerSize();
    const hits: string[] = [];
    for (const each of chosen) {
      const hit = this.#parts.hits.find(each, hits.length + 1);
      if (hit === undefined) throw new Error(`Chunk ${each.key} is in the index but not in the tables`);
      if (!size.add(hit)) throw size.refusal();
      hits.push(hit.json);
      if (hits.length % hitsAtOnce === 0) yield;
    }
    const answer = { hitsJson: `[${hits.join(",")}]`, count: hits.length, exact, seq, facets };
    if (search.explain !== true) return answer;
    const times = { waited: started - since, search: found - started, read: performance.now() - reading };
    return { ...answer, explanation: explain(times) };
  }
}

function byVector({ search }: WaitingSearch): VectorSearch {
  if (search.mode === undefined || search.mode === "vector") return search;
  throw new Error("A search by words or likeness is answered in steps");
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
