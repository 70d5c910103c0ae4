import { ArrwError } from "@arrwdb/protocol/errors";
import { compile } from "@arrwdb/protocol/filter";
import { limits } from "@arrwdb/protocol/limits";
import type { SearchHit } from "@arrwdb/protocol/search";
import { filterRecord } from "../filter-record.ts";
import type { StoreHits, StoreSearch } from "../store.ts";
import { toHit } from "./chunks-table.ts";
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
    const row = this.#tables.libraries.find(libraryId);
    for (const { vector } of searches) {
      if (vector.length === row.library.dimension) continue;
      const message = `embedding: has ${vector.length} numbers, but the library's dimension is ${row.library.dimension}`;
      throw new ArrwError("dimension_mismatch", message, { field: "embedding" });
    }
    const index = this.#indexes.get(row);
    const answers: StoreHits[] = [];
    const groups = Map.groupBy(searches.entries(), ([, search]) => firstCount(search));
    for (const [count, group] of groups) {
      const found = index.search(
        group.map(([, { vector }]) => vector),
        count,
      );
      for (const [position, [place, search]] of group.entries()) {
        const filter = search.filter === undefined ? undefined : compile(search.filter);
        const plan = new SearchPlan(search, filter, this.#tables.chunks);
        answers[place] = this.#answer(row, index, plan, count, found[position]);
      }
    }
    return answers;
  }

  #answer(
    row: LibraryRow,
    index: LibraryIndex,
    plan: SearchPlan,
    firstCounted: number,
    first: Candidates | undefined,
  ): StoreHits {
    const { seq } = row.library;
    const { vector, k } = plan.search;
    let candidates = first;
    for (let count = firstCounted; candidates !== undefined; count *= widening) {
      const { exact, reach, short } = candidates;
      if (short) break;
      const { chosen, beyond } = plan.choose(this.#measure(index, vector, candidates.items));
      const last = chosen[k - 1];
      // Past the reach there may be nearer ones than those that were found, even where all were compared.
      const enough = last !== undefined && (!exact || last.distance < reach);
      if (enough || plan.maxDistance < reach || reach === Infinity) return { hits: this.#hits(chosen), exact, seq };
      // A graph that gave too few without a filter would not give the missing ones either.
      const helpful =
        plan.filter === undefined || last !== undefined ? exact : !beyond && count * widening <= maxCandidates;
      if (!helpful) break;
      candidates = index.search([vector], Math.min(count * widening, index.size))[0];
    }
    return { hits: this.#hits(this.#compareAll(row, index, plan)), exact: true, seq };
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
  #compareAll(row: LibraryRow, index: LibraryIndex, { search, filter, maxDistance }: SearchPlan): readonly Candidate[] {
    const nearest = new Nearest(search.k);
    const consider = (key: number, vector: Float32Array) => {
      const distance = cosineDistance(search.vector, vector);
      if (distance <= maxDistance) nearest.add({ key, distance });
    };
    const { chunks } = this.#tables;
    if (filter === undefined) {
      for (const { key, vector } of chunks.vectors(row.key)) consider(key, vector);
    } else {
      for (const { key, source } of chunks.sources(row.key)) {
        const vector = filter(filterRecord(source)) ? (index.vector(key) ?? chunks.vector(key)) : undefined;
        if (vector !== undefined) consider(key, vector);
      }
    }
    return nearest.sorted();
  }

  #hits(chosen: readonly Candidate[]): SearchHit[] {
    let characters = 0;
    return chosen.map(({ key, distance }, position) => {
      const chunk = this.#tables.chunks.find(key);
      if (chunk === undefined) throw new Error(`Chunk ${key} is in the index but not in the tables`);
      characters += chunk.characters;
      if (characters > limits.answerCharacters) throw tooLarge(position);
      return toHit(chunk, distance, position + 1);
    });
  }
}

function tooLarge(fitting: number): ArrwError {
  const message = `k: the answer would hold more than ${limits.answerCharacters} characters; ask for ${fitting} hits at most`;
  return new ArrwError("answer_too_large", message, { field: "k" });
}

function firstCount({ k, filter }: StoreSearch): number {
  return Math.min(filter === undefined ? k + margin : k * widening, maxCandidates);
}

/** Of two vectors of length 1; 0 to 2. */
function cosineDistance(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let index = 0; index < a.length; index++) product += (a[index] ?? 0) * (b[index] ?? 0);
  return Math.min(2, Math.max(0, 1 - product));
}
