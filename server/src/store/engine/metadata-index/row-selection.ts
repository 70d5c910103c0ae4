import type { FilterRecord } from "@arrwdb/protocol/filter";
import type { CompiledFilter } from "@arrwdb/protocol/filter";
import { type Bounds, isExact } from "./value-bounds.ts";
import type { ChunkRows } from "./chunk-rows.ts";

/**
 * The chunks that pass a filter, as of the moment it was asked for. Where the index does not know everything (`exact`
 * is false) these are more than do pass, and those that are not certain have to be looked at.
 */
export class Selection {
  readonly #rows: ChunkRows;
  readonly #bounds: Bounds;
  readonly #verify: () => CompiledFilter;
  #filter: CompiledFilter | undefined;
  /** Whether each of these chunks passes. */
  readonly exact: boolean;
  /** How many chunks these are: as many as pass, or more where this is not exact. */
  readonly count: number;
  /** How many of them pass for certain. */
  readonly certainCount: number;

  constructor(rows: ChunkRows, bounds: Bounds, verify: () => CompiledFilter) {
    this.#rows = rows;
    this.#bounds = bounds;
    this.#verify = verify;
    this.count = bounds.maybe.size;
    this.certainCount = isExact(bounds) ? this.count : bounds.sure.size;
    this.exact = this.count === this.certainCount;
  }

  /** Whether the chunk is one of these. */
  has(key: number): boolean {
    const row = this.#rows.find(key);
    return row !== undefined && this.#bounds.maybe.has(row);
  }

  /** Whether the chunk passes, which reads its record only where that is not certain. */
  passes(key: number, record: (key: number) => FilterRecord | undefined): boolean {
    const row = this.#rows.find(key);
    if (row === undefined || !this.#bounds.maybe.has(row)) return false;
    if (this.exact || this.#bounds.sure.has(row)) return true;
    const found = record(key);
    this.#filter ??= this.#verify();
    return found !== undefined && this.#filter(found);
  }

  /** The keys of all these chunks, ascending. */
  keys(): Uint32Array<ArrayBuffer> {
    return this.#rows.keys(this.#bounds.maybe);
  }
}
