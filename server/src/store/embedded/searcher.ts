import { ArrwError } from "@arrwdb/protocol/errors";
import { compile } from "@arrwdb/protocol/filter";
import { limits } from "@arrwdb/protocol/limits";
import type { SearchHit } from "@arrwdb/protocol/search";
import { filterRecord } from "../filter-record.ts";
import type { StoreHits, StoreSearch } from "../store.ts";
import { AnswerSize } from "./answer-size.ts";
import { toHit } from "./chunks-table.ts";
import { cosineDistance } from "./cosine-distance.ts";
import { compareEvery } from "./exhaustive.ts";
import type { IndexRegistry } from "./index-registry.ts";
import type { LibraryRow } from "./libraries-table.ts";
import type { Candidates, LibraryIndex } from "./library-index.ts";
import { byDistance, type Candidate, Nearest } from "./nearest.ts";
import { SearchPlan } from "./search-plan.ts";
import type { Tables } from "./tables.ts";

/** Candidates beyond k, against rounding where many are equally far. */
const margin = 8;
/** How many more candidates are asked for when too few of them were right. */
const widening = 8;
/** Candidates that an index is asked for at first, and a graph at the most; past that, comparing everything is cheaper. */
const maxCandidates = 2 * limits.k + margin;

/** The chunks that answer a search. */
export interface Ranking {
  /** Nearest first. */
  readonly chosen: readonly Candidate[];
  readonly exact: boolean;
}

/** What several searches of a library find at one position. */
export interface Rankings {
  readonly seq: number;
  readonly answers: readonly Ranking[];
}

/**
 * Answers searches with true distances. It asks the index for candidates, keeps what passes, and asks for more until
 * there are k or no more exist; where a graph cannot promise that, it compares every vector.
 */
export class Searcher {
  readonly #tables: Tables;
  readonly #indexes: IndexRegistry;

  constructor(tables: Tables, indexes: IndexRegistry) {
    this.#tables = tables;
    this.#indexes = indexes;
  }

  /** Answers searches of one library together, so that the index is walked once for those that want as many candidates. */
  search(libraryId: string, searches: readonly StoreSearch[]): readonly StoreHits[] {
    const { seq, answers } = this.rank(libraryId, searches);
    return answers.map(({ chosen, exact }) => ({ hits: this.#hits(chosen), exact, seq }));
  }

  /** The chunks that answer each search, without what they hold. */
  rank(libraryId: string, searches: readonly StoreSearch[]): Rankings {
    const row = this.#find(libraryId, searches);
    const index = this.#indexes.get(row);
    const answers: Ranking[] = [];
    const groups = Map.groupBy(searches.entries(), ([, search]) => firstCount(search));
    for (const [count, group] of groups) {
      const found = index.search(
        group.map(([, { vector }]) => vector),
        count,
      );
      for (const [position, [place, search]] of group.entries()) {
        answers[place] = this.#answer(row, index, this.#plan(search), count, found[position]);
      }
    }
    return { seq: row.library.seq, answers };
  }

  /** The same where every chunk has to be compared. */
  rankExactly(libraryId: string, searches: readonly StoreSearch[]): Rankings {
    const row = this.#find(libraryId, searches);
    if (this.#indexes.get(row).graphSize === 0) return this.rank(libraryId, searches);
    const plans = searches.map((search) => this.#plan(search));
    const answers = compareEvery(this.#tables.chunks, row, plans).map((chosen) => ({ chosen, exact: true }));
    return { seq: row.library.seq, answers };
  }

  #find(libraryId: string, searches: readonly StoreSearch[]): LibraryRow {
    const row = this.#tables.libraries.find(libraryId);
    for (const { vector } of searches) {
      if (vector.length === row.library.dimension) continue;
      const message = `embedding: has ${vector.length} numbers, but the library's dimension is ${row.library.dimension}`;
      throw new ArrwError("dimension_mismatch", message, { field: "embedding" });
    }
    return row;
  }

  #plan(search: StoreSearch): SearchPlan {
    const filter = search.filter === undefined ? undefined : compile(search.filter);
    return new SearchPlan(search, filter, this.#tables.chunks);
  }

  #answer(
    row: LibraryRow,
    index: LibraryIndex,
    plan: SearchPlan,
    firstCounted: number,
    first: Candidates | undefined,
  ): Ranking {
    const { vector, k } = plan.search;
    let candidates = first;
    for (let count = firstCounted; candidates !== undefined; count *= widening) {
      const { exact, reach, short } = candidates;
      if (short) break;
      const { chosen, beyond } = plan.choose(this.#measure(index, vector, candidates.items));
      const last = chosen[k - 1];
      // Past the reach there may be nearer ones than those that were found, even where all were compared.
      const enough = last !== undefined && (!exact || last.distance < reach);
      if (enough || plan.maxDistance < reach || reach === Infinity) return { chosen, exact };
      // A graph that gave too few without a filter would not give the missing ones either.
      const helpful =
        plan.filter === undefined || last !== undefined ? exact : !beyond && count * widening <= maxCandidates;
      if (!helpful) break;
      candidates = index.search([vector], Math.min(count * widening, index.size))[0];
    }
    return { chosen: this.#compareAll(row, index, plan), exact: true };
  }

  /** The true distance of each candidate, nearest first. */
  #measure(index: LibraryIndex, query: Float32Array, candidates: readonly Candidate[]): readonly Candidate[] {
    return candidates
      .flatMap(({ key }) => {
        const vector = index.vector(key) ?? this.#tables.chunks.vector(key);
        return vector === undefined ? [] : [{ key, distance: cosineDistance(query, vector) }];
      })
      .toSorted(byDistance);
  }

  /** Compares every vector that passes; what is kept in memory is bounded whatever the library's size. */
  #compareAll(row: LibraryRow, index: LibraryIndex, plan: SearchPlan): readonly Candidate[] {
    const { search, filter, maxDistance } = plan;
    const { chunks } = this.#tables;
    if (filter === undefined) return compareEvery(chunks, row, [plan])[0] ?? [];
    const nearest = new Nearest(search.k);
    for (const { key, source } of chunks.sources(row.key)) {
      const vector = filter(filterRecord(source)) ? (index.vector(key) ?? chunks.vector(key)) : undefined;
      if (vector === undefined) continue;
      const distance = cosineDistance(search.vector, vector);
      if (distance <= maxDistance) nearest.add({ key, distance });
    }
    return nearest.sorted();
  }

  #hits(chosen: readonly Candidate[]): SearchHit[] {
    const size = new AnswerSize();
    return chosen.map(({ key, distance }, position) => {
      const chunk = this.#tables.chunks.find(key);
      if (chunk === undefined) throw new Error(`Chunk ${key} is in the index but not in the tables`);
      if (!size.add(chunk)) throw size.refusal();
      return toHit(chunk, distance, position + 1);
    });
  }
}

function firstCount({ k, filter }: StoreSearch): number {
  return Math.min(filter === undefined ? k + margin : k * widening, maxCandidates);
}
