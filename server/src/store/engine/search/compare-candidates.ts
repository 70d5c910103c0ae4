import { limits } from "@arrwdb/protocol/limits";
import type { Steps } from "../../../scheduling/steps.ts";
import type { Comparable } from "../index/comparable.ts";
import type { Proposal } from "../index/vector-index.ts";
import type { Candidate } from "../vectors/nearest.ts";
import { type Approach, readLimit } from "./approach.ts";
import { type Ranking, toRanking } from "./rankings.ts";
import type { SearchPlan } from "./search-plan.ts";

/** Growth of the number of candidates when too few of them pass. */
const growth = 4;
/** Multiple of the usual candidates to measure, as that often proves the result exact. */
const proof = 2;
/** Maximum number of candidates to measure; beyond that, reading every vector is cheaper. */
const maxCompared = 16 * limits.k;

/**
 * Scans the index's estimates of every chunk that may pass, until the result is proven exact or good enough. Returns
 * undefined if the search requires reading every vector.
 */
export function* compareCandidates(
  index: Comparable,
  plan: SearchPlan,
  approach: Approach,
): Steps<Ranking | undefined> {
  const { vector, k } = plan.search;
  const { selection } = plan.check;
  const vectorOf = (key: number) => index.vector?.(key);
  if (selection?.count === 0) return toRanking(plan, [], true, "none");
  if (selection !== undefined && (approach === "read" || selection.count <= readLimit)) {
    const items = Array.from(selection.keys(), (key) => ({ key, distance: 0 }));
    return toRanking(plan, (yield* plan.chooseInSteps(items, vectorOf)).chosen, true, "read");
  }
  const most = selection?.count ?? index.size;
  for (let count = proof * usuallyMeasured(k); ; count *= growth) {
    const proposal =
      selection === undefined
        ? yield* index.compareAll(vector, count)
        : yield* index.compareSome(vector, selection, count);
    const best = yield* plan.chooseInSteps(proposal.items, vectorOf, proposal.typicalError);
    if (isProven(plan, best.chosen, proposal)) {
      // Nothing outside the proposal can be a hit, so all of the proposal has to be measured.
      return toRanking(plan, (yield* plan.chooseInSteps(proposal.items, vectorOf)).chosen, true, "scan");
    }
    if (best.settled && best.chosen.length >= k && plan.search.exact !== true) {
      return toRanking(plan, best.chosen, false, "scan");
    }
    const { chosen } = yield* plan.chooseInSteps(proposal.items, vectorOf);
    if (isProven(plan, chosen, proposal)) return toRanking(plan, chosen, true, "scan");
    if (count >= most || count * growth > maxCompared) return undefined;
  }
}

/** Number of an index's candidates that are usually measured in full precision. */
const usuallyMeasured = (k: number): number => k + Math.max(6, Math.ceil(k / 2));

/** Whether no chunk that was not measured can be a hit. */
export function isProven(plan: SearchPlan, chosen: readonly Candidate[], { completeBelow }: Proposal): boolean {
  const last = chosen[plan.search.k - 1];
  return (
    completeBelow === Infinity ||
    plan.maxDistance < completeBelow ||
    (last !== undefined && last.distance < completeBelow)
  );
}
