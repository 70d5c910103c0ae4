import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { CompiledFilter } from "@arrwdb/protocol/filter/filter";
import { type Bounds, isExact } from "./values/value-bounds.ts";
import type { ChunkRows } from "./rows/chunk-rows.ts";
import { RowSet } from "./rows/row-set.ts";

/**
 * The chunks that pass a filter, at the time of the call. If the index is incomplete (`exact` is false), these are a
 * superset, and those that are not certain have to be verified.
 */
export class Selection {
  readonly #rows: ChunkRows;
  /** Number of rows at that time; chunks that were moved since had others. */
  readonly #rowCount: number;
  readonly #bounds: Bounds;
  readonly #verify: () => CompiledFilter;
  #filter: CompiledFilter | undefined;
  /** Whether each of these chunks passes. */
  readonly exact: boolean;
  /** Number of these chunks: as many as pass, or more if this is not exact. */
  readonly count: number;
  /** Number of chunks that are certain to pass. */
  readonly certainCount: number;

  constructor(rows: ChunkRows, bounds: Bounds, verify: () => CompiledFilter) {
    this.#rows = rows;
    this.#rowCount = rows.count;
    this.#bounds = bounds;
    this.#verify = verify;
    this.count = bounds.maybe.size;
    this.certainCount = isExact(bounds) ? this.count : bounds.sure.size;
    this.exact = this.count === this.certainCount;
  }

  /** Whether the chunk is one of these. */
  has(key: number): boolean {
    const row = this.#rows.find(key, this.#rowCount);
    return row !== undefined && this.#bounds.maybe.has(row);
  }

  /** Whether the chunk passes; reads its record only if that is not certain. */
  passes(key: number, record: (key: number) => FilterRecord | undefined): boolean {
    const row = this.#rows.find(key, this.#rowCount);
    if (row === undefined || !this.#bounds.maybe.has(row)) return false;
    if (this.exact || this.#bounds.sure.has(row)) return true;
    const found = record(key);
    this.#filter ??= this.#verify();
    return found !== undefined && this.#filter(found);
  }

  /** Copies of the rows of chunks that are certain to pass, and of those that have to be verified. */
  rowSets(): { readonly certain: RowSet; readonly uncertain: RowSet } {
    const { sure, maybe } = this.#bounds;
    const { count } = this.#rows;
    const uncertain = this.exact ? RowSet.none(count) : RowSet.of(maybe.andNot(sure), count);
    return { certain: RowSet.of(sure, count), uncertain };
  }

  /** The keys of all these chunks, ascending. */
  keys(): Uint32Array<ArrayBuffer> {
    return this.#rows.keys(this.#bounds.maybe);
  }
}
