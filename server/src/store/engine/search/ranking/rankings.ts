import type { LibraryRow } from "../../rows/libraries-table.ts";
import type { Candidate } from "../../vectors/nearest.ts";
import type { VectorPlan } from "./choose-plan.ts";
import type { FilterCheck } from "./filter-check.ts";
import type { SearchRun } from "./search-run.ts";
import type { SearchableIndex } from "../../index/vector-index.ts";
import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";

/** The hits of a search. */
export interface Ranking {
  /** Nearest first. */
  readonly chosen: readonly Candidate[];
  /** Whether the result is proven exact. */
  readonly exact: boolean;
  readonly plan: VectorPlan;
  /** Number of chunks whose true distance was computed. */
  readonly measured: number;
  /** The chunks that pass the filter, as far as known. */
  readonly check: FilterCheck;
}

/** Results of several searches of a library at one position. */
export interface Rankings {
  readonly seq: number;
  /** The index that answered them, null if the disk was read, and the library's number of chunks. */
  readonly index: IndexKind | null;
  readonly size: number;
  /** Effort of an approximate search; null if everything was compared. */
  readonly effort: number | null;
  /** Whether the index reaches its target recall at some effort; null if it is exact or not measured yet. */
  readonly walkable: boolean | null;
  readonly answers: readonly Ranking[];
}

export function toRankings(row: LibraryRow, index: SearchableIndex | undefined, answers: readonly Ranking[]): Rankings {
  const { kind, effort, quality } = index ?? {};
  const walkable = quality === undefined ? null : quality.effort !== null;
  const size = row.library.num_chunks;
  return { seq: row.library.seq, index: kind ?? null, size, effort: effort ?? null, walkable, answers };
}

export function toRanking(run: SearchRun, chosen: readonly Candidate[], exact: boolean, plan: VectorPlan): Ranking {
  return { chosen, exact, plan, measured: run.measured, check: run.check };
}
