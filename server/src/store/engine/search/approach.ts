import type { SearchPlanName } from "@arrwdb/protocol/explanation";
import { limits } from "@arrwdb/protocol/limits";
import type { VectorSearch } from "../../search-store.ts";
import type { Selection } from "../metadata-index/row-selection.ts";
import { scanCost, type SearchableIndex } from "../index/vector-index.ts";

/** How a search is answered; `searchPlan` of the protocol says what each means. */
export type Approach = Exclude<SearchPlanName, "text">;

/** Vectors that are read rather than scanned and measured. */
export const readLimit = 100;
/** If no more chunks than this may pass a filter, each is checked: a graph search would visit about as many. */
const lookedAt = 300;
/** Candidates beyond those needed, as a part: where few pass, luck decides more. */
const reserve = 1.5;
const maxCandidates = 4 * limits.k;

/**
 * Chooses what is cheaper, by the number of chunks that pass and by what the index was measured to need.
 *
 * @param walkShare what a walk may cost, as a part of comparing everything
 */
export function chooseApproach(
  index: Pick<SearchableIndex, "exact" | "size" | "pending" | "walkCost"> | undefined,
  search: VectorSearch,
  selection: Pick<Selection, "count" | "exact"> | undefined,
  walkShare: number,
): Approach {
  if (selection?.count === 0) return "none";
  if (index === undefined) return "disk";
  const isCompared = !index.exact && (search.exact === true || index.pending === index.size);
  const count = firstCount(search, selection, index.size);
  const walk = index.walkCost(count);
  const isDear = !index.exact && (walk === Infinity || walk > walkShare * scanCost * index.size);
  if (selection === undefined) return isCompared || isDear ? "scan" : "walk";
  if (selection.count <= readLimit) return "read";
  if (index.exact || isCompared || walk === Infinity) return "scan";
  // What may pass tells how many would have to be compared; what passes for certain, how many candidates are needed.
  if (!selection.exact) return selection.count <= lookedAt ? "scan" : "walk";
  const isTooMany = candidatesFor(search.k, selection, index.size) > maxCandidates;
  // Where a walk is dearer than comparing everything, the graph is hard to walk: some are found by no walk of its effort.
  return isTooMany || isDear || walk > walkShare * selection.count ? "scan" : "walk";
}

/** How many candidates a walk asks for at first. */
export function firstCount(
  search: VectorSearch,
  selection: Pick<Selection, "count" | "exact"> | undefined,
  size: number,
): number {
  if (selection?.exact === true) return Math.min(candidatesFor(search.k, selection, size), maxCandidates, size);
  const plain = search.k + Math.max(6, Math.ceil(search.k / 2));
  return Math.min(search.filter === undefined ? plain : 8 * search.k, maxCandidates);
}

/** Rounded up, by an eighth at most, so that searches with filters of similar selectivity are answered together. */
function candidatesFor(k: number, selection: Pick<Selection, "count">, size: number): number {
  const selectivity = selection.count / Math.max(1, size);
  const wanted = (reserve * (k + 4)) / Math.max(selectivity, 1e-9);
  const step = 2 ** Math.max(0, Math.floor(Math.log2(wanted)) - 3);
  return step * Math.ceil(wanted / step);
}
