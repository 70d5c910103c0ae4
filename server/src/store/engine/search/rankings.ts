import type { LibraryRow } from "../rows/libraries-table.ts";
import type { Candidate } from "../vectors/nearest.ts";
import type { Approach } from "./approach.ts";
import type { FilterCheck } from "./filter-check.ts";
import type { SearchPlan } from "./search-plan.ts";
import type { SearchableIndex } from "../index/vector-index.ts";
import type { IndexKind } from "@arrwdb/protocol/model";

/** The chunks that answer a search. */
export interface Ranking {
  /** Nearest first. */
  readonly chosen: readonly Candidate[];
  /** Whether no other chunk can be nearer. */
  readonly exact: boolean;
  readonly approach: Approach;
  /** Chunks whose true distance was computed. */
  readonly measured: number;
  /** What passes the filter, as far as it is known. */
  readonly check: FilterCheck;
}

/** What several searches of a library find at one position. */
export interface Rankings {
  readonly seq: number;
  /** What answered them, unless it was the disk, and how many chunks the library has. */
  readonly index: IndexKind | null;
  readonly size: number;
  /** What the index looks at; null where it is everything. */
  readonly effort: number | null;
  /** Whether the index finds enough at some effort; null where it is exact, or was not measured yet. */
  readonly walkable: boolean | null;
  readonly answers: readonly Ranking[];
}

export function toRankings(row: LibraryRow, index: SearchableIndex | undefined, answers: readonly Ranking[]): Rankings {
  const { kind, effort, quality } = index ?? {};
  const walkable = quality === undefined ? null : quality.effort !== null;
  const size = row.library.num_chunks;
  return { seq: row.library.seq, index: kind ?? null, size, effort: effort ?? null, walkable, answers };
}

export function toRanking(plan: SearchPlan, chosen: readonly Candidate[], exact: boolean, approach: Approach): Ranking {
  return { chosen, exact, approach, measured: plan.measured, check: plan.check };
}
