import { type Facet, type FacetField, type Facets, recordField } from "@arrwdb/protocol/search/facets";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { StoreSearch } from "../../../search-store.ts";
import type { IndexRegistry } from "../../index/index-registry.ts";
import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import type { LibraryRow } from "../../rows/libraries-table.ts";
import type { Scores } from "../../text/text-scores.ts";
import { greatestDistance } from "../../vectors/cosine-distance.ts";
import { AwaitsIndex } from "../long/takes-long.ts";
import type { Likeness } from "../ranking/like-searcher.ts";
import type { SearchTables } from "../ranking/searcher.ts";
import { matchingRows, type Restriction } from "./matching-chunks.ts";
import { countByReading } from "./read-counts.ts";
import type { ListedValue, TopValues } from "./top-values.ts";
import { ValueCounter } from "./value-counter.ts";
import { wholeValue } from "./whole-value.ts";

/** Cut values read per step. */
const readAtOnce = 64;

/** Counts the values of fields among all chunks that match a search. */
export class FacetCounter {
  readonly #tables: SearchTables;
  readonly #indexes: IndexRegistry;

  constructor(tables: SearchTables, indexes: IndexRegistry) {
    this.#tables = tables;
    this.#indexes = indexes;
  }

  /**
   * Takes the state of the indexes, which have to agree with the tables.
   *
   * @throws AwaitsIndex if the fields should be indexed first
   */
  begin(libraryId: string, search: StoreSearch): PendingFacets | undefined {
    const { facets, filter = {} } = search;
    if (facets === undefined || facets.length === 0) return undefined;
    const row = this.#tables.libraries.find(libraryId);
    const index = this.#indexes.get(row);
    const names = facets.map(({ field }) => recordField(field));
    const captured = index.capture(filter, names);
    if (index.awaits(filter, names)) throw new AwaitsIndex(row, filter, names);
    return new PendingFacets({ tables: this.#tables, row, search, facets, filter, captured });
  }
}

interface PendingFacetsOptions {
  readonly tables: SearchTables;
  readonly row: LibraryRow;
  readonly search: StoreSearch;
  readonly facets: readonly FacetField[];
  readonly filter: Filter;
  /** Undefined if the metadata index cannot hold these fields. */
  readonly captured: CapturedFields | undefined;
}

/** The facets of one search at the moment it began. */
export class PendingFacets {
  readonly #options: PendingFacetsOptions;

  constructor(options: PendingFacetsOptions) {
    this.#options = options;
  }

  /**
   * @param scores those of a search by words alone
   * @param likeness the vector and chunks of what a search by likeness names
   */
  *count(scores: Scores | undefined, likeness?: Likeness): Steps<Facets> {
    const { tables, row, search, facets, captured, filter } = this.#options;
    const restriction = restrictionOf(likeness?.search ?? search, scores);
    const vectors = tables.chunks.inSpace(row.space);
    const excluded = likeness?.own ?? new Set();
    const found: [string, Facet][] = [];
    if (captured === undefined) {
      const fields = facets.map(({ field, limit }) => ({ field: recordField(field), limit }));
      const counts = yield* countByReading({
        chunks: tables.chunks,
        vectors,
        library: row.key,
        filter,
        restriction,
        excluded,
        fields,
      });
      for (const [place, { field }] of facets.entries()) {
        const { top, missing } = counts[place] ?? expectCounts();
        found.push([field, yield* this.#toFacet(field, top, missing)]);
      }
      return Object.fromEntries(found);
    }
    const matching = yield* matchingRows({
      captured,
      filter,
      restriction,
      excluded,
      chunks: tables.chunks,
      vectors,
      library: row.key,
    });
    for (const [place, { field, limit }] of facets.entries()) {
      const counter = new ValueCounter(limit, matching, captured.count, captured.rows);
      yield* (captured.walks[place] ?? expectCounts())(counter);
      found.push([field, yield* this.#toFacet(field, counter.top, counter.missing)]);
    }
    return Object.fromEntries(found);
  }

  *#toFacet(field: string, top: TopValues, missing: number): Steps<Facet> {
    const { values, others } = top.result();
    const { chunks } = this.#options.tables;
    const listed: ListedValue[] = [];
    for (const [place, counted] of values.entries()) {
      listed.push({ value: wholeValue(chunks, recordField(field), counted, counted.chunk), count: counted.count });
      if (place % readAtOnce === readAtOnce - 1) yield;
    }
    return { values: listed, missing, others };
  }
}

/** A search by words is not restricted in distance; any other is not in words. */
function restrictionOf(search: StoreSearch, scores: Scores | undefined): Restriction | undefined {
  if (scores !== undefined) return { scores };
  if (search.mode === "text" || search.mode === "like" || search.maxDistance === undefined) return undefined;
  return { vector: search.vector, maxDistance: greatestDistance(search.maxDistance) };
}

function expectCounts(): never {
  throw new Error("A facet was not counted");
}
