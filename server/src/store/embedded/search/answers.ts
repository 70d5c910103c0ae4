import type { SearchExplanation } from "@arrwdb/protocol/explanation";
import type { StoreSearch, VectorSearch } from "../../store.ts";
import { AnswerSize } from "./answer-size.ts";
import type { EncodedAnswer } from "./encoded-answer.ts";
import type { Found, HitsTable } from "./hits-table.ts";
import type { RecallSampler } from "./recall-sampler.ts";
import type { SearchCounts } from "./search-statistics.ts";
import type { Ranking, Rankings, Searcher } from "./searcher.ts";
import type { TextRanking, TextSearcher } from "./text-searcher.ts";

/** A search with the time at which the thread took it. */
export interface WaitingSearch {
  readonly search: StoreSearch;
  readonly since: number;
}

/** What answers are made with. */
export interface AnswerParts {
  readonly hits: HitsTable;
  readonly searcher: Searcher;
  readonly texts: TextSearcher;
  readonly counts: SearchCounts;
  readonly sampler: RecallSampler;
}

interface Times {
  readonly waited: number;
  readonly search: number;
  readonly read: number;
}

type Explain = (times: Times) => SearchExplanation;

/** An answer but for what its hits hold. */
interface Outline {
  readonly seq: number;
  readonly exact: boolean;
  readonly chosen: readonly Found[];
  readonly explain: Explain;
}

/** Turns what searches found into answers: what the hits hold, and how they were found. */
export class Answers {
  readonly #parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  /** Answers searches of one library together. */
  search(libraryId: string, waiting: readonly WaitingSearch[]): readonly EncodedAnswer[] {
    const started = performance.now();
    const answers: EncodedAnswer[] = [];
    const put = (place: number, outline: Outline, found: number) => {
      const asked = waiting[place];
      if (asked !== undefined) answers[place] = this.#write(outline, asked, started, found);
    };
    const byVector: { readonly place: number; readonly search: VectorSearch }[] = [];
    for (const [place, { search }] of waiting.entries()) {
      if (search.mode === undefined || search.mode === "vector") byVector.push({ place, search });
    }
    if (byVector.length > 0) {
      const outlines = this.#byVector(
        libraryId,
        byVector.map(({ search }) => search),
      );
      const found = performance.now();
      for (const [position, { place }] of byVector.entries()) {
        const outline = outlines[position];
        if (outline !== undefined) put(place, outline, found);
      }
    }
    for (const [place, { search }] of waiting.entries()) {
      if (search.mode !== "text" && search.mode !== "hybrid") continue;
      const ranking =
        search.mode === "text"
          ? this.#parts.texts.search(libraryId, search)
          : this.#parts.texts.searchBoth(libraryId, search);
      this.#parts.counts.countText(libraryId, search.mode, ranking.exact);
      put(place, { ...ranking, explain: (times) => explainText(ranking, times) }, performance.now());
    }
    return answers;
  }

  #byVector(libraryId: string, searches: readonly VectorSearch[]): readonly Outline[] {
    const rankings = this.#parts.searcher.rank(libraryId, searches);
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
  #write(
    { seq, exact, chosen, explain }: Outline,
    { search, since }: WaitingSearch,
    started: number,
    found: number,
  ): EncodedAnswer {
    const reading = performance.now();
    const size = new AnswerSize();
    const hits = chosen.map((each, position) => {
      const hit = this.#parts.hits.find(each, position + 1);
      if (hit === undefined) throw new Error(`Chunk ${each.key} is in the index but not in the tables`);
      if (!size.add(hit)) throw size.refusal();
      return hit.json;
    });
    const answer = { hitsJson: `[${hits.join(",")}]`, count: hits.length, exact, seq };
    if (search.explain !== true) return answer;
    const times = { waited: started - since, search: found - started, read: performance.now() - reading };
    return { ...answer, explanation: explain(times) };
  }
}

function explainVector(ranking: Ranking, { index, size, answers }: Rankings, times: Times): SearchExplanation {
  const { approach, measured, check } = ranking;
  const { selection } = check;
  return {
    plan: approach,
    index: approach === "disk" ? null : index,
    matching: selection?.count ?? null,
    selectivity: selection === undefined ? null : Math.min(1, selection.count / Math.max(1, size)),
    candidates: measured,
    batch: answers.length,
    ...told(times),
  };
}

function explainText(ranking: TextRanking, times: Times): SearchExplanation {
  const { vector, terms, added, matching } = ranking;
  return {
    plan: vector?.approach ?? "text",
    index: vector === undefined || vector.approach === "disk" ? null : ranking.index,
    matching: vector?.check.selection?.count ?? null,
    selectivity:
      vector?.check.selection === undefined
        ? null
        : Math.min(1, vector.check.selection.count / Math.max(1, ranking.size)),
    candidates: vector?.measured ?? 0,
    batch: 1,
    words: { terms: [...terms], added: [...added], matching },
    ...told(times),
  };
}

const told = ({ waited, search, read }: Times) => ({
  waited_ms: rounded(waited),
  search_ms: rounded(search),
  read_ms: rounded(read),
});

const rounded = (milliseconds: number) => Math.max(0, Math.round(milliseconds * 1000) / 1000);
