import { ArrwError } from "@arrwdb/protocol/errors";
import { type CompiledFilter, compile } from "@arrwdb/protocol/filter";
import { limits } from "@arrwdb/protocol/limits";
import type { SearchHit } from "@arrwdb/protocol/search";
import { filterRecord } from "../filter-record.ts";
import type { StoreHits, StoreSearch } from "../store.ts";
import { type ChunkRow, toHit } from "./chunks-table.ts";
import type { Candidate } from "./flat-vectors.ts";
import type { IndexRegistry } from "./index-registry.ts";
import type { LibraryRow } from "./libraries-table.ts";
import type { Candidates, LibraryIndex } from "./library-index.ts";
import type { Tables } from "./tables.ts";

/** Candidates beyond k, against rounding where many are equally far. */
const margin = 8;
/** How many more candidates are asked for when too few of them were right. */
const widening = 8;
/** Candidates that a graph is asked for at the most; past that, comparing everything is cheaper and exact. */
const maxFromGraph = 2 * limits.k + margin;

interface Plan {
  readonly search: StoreSearch;
  readonly filter: CompiledFilter | undefined;
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

  /** Answers searches of one library together, so that the index is walked once for all of them. */
  search(libraryId: string, searches: readonly StoreSearch[]): readonly StoreHits[] {
    const row = this.#tables.libraries.find(libraryId);
    for (const { vector } of searches) {
      if (vector.length === row.library.dimension) continue;
      const message = `embedding: has ${vector.length} numbers, but the library's dimension is ${row.library.dimension}`;
      throw new ArrwError("dimension_mismatch", message, { field: "embedding" });
    }
    const index = this.#indexes.get(row);
    const plans = searches.map((search): Plan => ({ search, filter: search.filter && compile(search.filter) }));
    const count = Math.max(...plans.map(firstCount));
    const first = index.search(
      searches.map(({ vector }) => vector),
      count,
    );
    return plans.map((plan, position) => this.#answer(row, index, plan, count, first[position]));
  }

  #answer(
    row: LibraryRow,
    index: LibraryIndex,
    plan: Plan,
    firstCounted: number,
    first: Candidates | undefined,
  ): StoreHits {
    const { search } = plan;
    let candidates = first;
    for (let count = firstCounted; candidates !== undefined;) {
      const { exact } = candidates;
      const ordered = this.#measure(index, search.vector, candidates.items);
      const { hits, beyond } = this.#select(ordered, plan);
      // An exact list is complete when it holds everything, or reaches beyond the distance asked for.
      const complete = exact && (beyond || ordered.length >= index.size);
      if (hits.length === search.k || complete) return { hits, exact, seq: row.library.seq };
      count *= widening;
      if (!exact && count > maxFromGraph) break;
      candidates = index.search([search.vector], Math.min(count, index.size))[0];
    }
    return { hits: this.#compareAll(row, index, plan), exact: true, seq: row.library.seq };
  }

  /** The true distance of each candidate, nearest first, equally near in the order in which they were added. */
  #measure(index: LibraryIndex, query: Float32Array, candidates: readonly Candidate[]): readonly Candidate[] {
    return candidates
      .flatMap(({ key }) => {
        const vector = index.vector(key) ?? this.#tables.chunks.vector(key);
        return vector === undefined ? [] : [{ key, distance: cosineDistance(query, vector) }];
      })
      .toSorted(byDistance);
  }

  /** The first k that pass, and whether some lie beyond the distance asked for. */
  #select(ordered: readonly Candidate[], { search, filter }: Plan): { hits: SearchHit[]; beyond: boolean } {
    const hits: SearchHit[] = [];
    for (const { key, distance } of ordered) {
      if (distance > (search.maxDistance ?? Infinity)) return { hits, beyond: true };
      const chunk = this.#tables.chunks.find(key);
      if (chunk === undefined || !passes(filter, chunk)) continue;
      hits.push(toHit(chunk, distance, hits.length + 1));
      if (hits.length === search.k) break;
    }
    return { hits, beyond: false };
  }

  #compareAll(row: LibraryRow, index: LibraryIndex, plan: Plan): SearchHit[] {
    const { search, filter } = plan;
    const nearest: Candidate[] = [];
    for (const key of this.#passing(row, filter)) {
      const vector = index.vector(key) ?? this.#tables.chunks.vector(key);
      if (vector === undefined) continue;
      const distance = cosineDistance(search.vector, vector);
      if (distance <= (search.maxDistance ?? Infinity)) nearest.push({ key, distance });
    }
    return this.#select(nearest.toSorted(byDistance).slice(0, search.k), { search, filter: undefined }).hits;
  }

  *#passing({ key }: LibraryRow, filter: CompiledFilter | undefined): Generator<number> {
    if (filter === undefined) return yield* this.#tables.chunks.keys(key);
    for (const chunk of this.#tables.chunks.sources(key)) if (filter(filterRecord(chunk.source))) yield chunk.key;
  }
}

function firstCount({ search, filter }: Plan): number {
  return filter === undefined ? search.k + margin : search.k * widening;
}

function passes(filter: CompiledFilter | undefined, chunk: ChunkRow): boolean {
  return filter === undefined || filter(filterRecord(chunk.source));
}

const byDistance = (a: Candidate, b: Candidate) => a.distance - b.distance || a.key - b.key;

/** Of two vectors of length 1; 0 to 2. */
function cosineDistance(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let index = 0; index < a.length; index++) product += (a[index] ?? 0) * (b[index] ?? 0);
  return Math.min(2, Math.max(0, 1 - product));
}
