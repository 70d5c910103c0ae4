import type { SearchPlanName } from "@arrwdb/protocol/search/explanation";
import { limits } from "@arrwdb/protocol/limits";
import type { VectorSearch } from "../../../search-store.ts";
import type { Selection } from "../../metadata-index/row-selection.ts";
import { scanCost, type SearchableIndex } from "../../index/vector-index.ts";

/** How a search is answered; documented at `searchPlan` of the protocol. */
export type VectorPlan = Exclude<SearchPlanName, "text">;

/** Number of vectors up to which reading all of them is cheaper than scanning codes and measuring candidates. */
export const readLimit = 100;
/** If at most this many chunks may pass a filter, each is checked: a graph search would visit about as many. */
const lookedAt = 300;
/** Over-fetch factor for candidates: the fewer pass, the more their number varies. */
const reserve = 1.5;
const maxCandidates = 4 * limits.k;

/**
 * Chooses the cheaper plan, from the number of chunks that pass and the measured effort of the index.
 *
 * @param walkShare maximum cost of a graph walk, as a fraction of an exhaustive scan
 */
export function choosePlan(
  index: Pick<SearchableIndex, "exact" | "size" | "pending" | "walkCost"> | undefined,
  search: VectorSearch,
  selection: Pick<Selection, "count" | "exact"> | undefined,
  walkShare: number,
): VectorPlan {
  if (selection?.count === 0) return "none";
  if (index === undefined) return "disk";
  const isCompared = !index.exact && (search.exact === true || index.pending === index.size);
  const count = firstCount(search, selection, index.size);
  const walk = index.walkCost(count);
  const isDear = !index.exact && (walk === Infinity || walk > walkShare * scanCost * index.size);
  if (selection === undefined) return isCompared || isDear ? "scan" : "walk";
  if (selection.count <= readLimit) return "read";
  if (index.exact || isCompared || walk === Infinity) return "scan";
  // The upper bound of passing chunks gives the cost of comparing them; the lower bound, the number of candidates needed.
  if (!selection.exact) return selection.count <= lookedAt ? "scan" : "walk";
  const isTooMany = candidatesFor(search.k, selection, index.size) > maxCandidates;
  // If a walk costs more than a scan, the graph has low recall: some nodes are unreachable at its effort.
  return isTooMany || isDear || walk > walkShare * selection.count ? "scan" : "walk";
}

/** Number of candidates that a walk requests at first. */
export function firstCount(
  search: VectorSearch,
  selection: Pick<Selection, "count" | "exact"> | undefined,
  size: number,
): number {
  if (selection?.exact === true) return Math.min(candidatesFor(search.k, selection, size), maxCandidates, size);
  const plain = search.k + Math.max(6, Math.ceil(search.k / 2));
  return Math.min(search.filter === undefined ? plain : 8 * search.k, maxCandidates);
}

/** Rounded up, by an eighth at most, so that searches with filters of similar selectivity can be batched. */
function candidatesFor(k: number, selection: Pick<Selection, "count">, size: number): number {
  const selectivity = selection.count / Math.max(1, size);
  const wanted = (reserve * (k + 4)) / Math.max(selectivity, 1e-9);
  const step = 2 ** Math.max(0, Math.floor(Math.log2(wanted)) - 3);
  return step * Math.ceil(wanted / step);
}
