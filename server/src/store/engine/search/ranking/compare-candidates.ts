import { limits } from "@arrwdb/protocol/limits";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { Comparable } from "../../index/comparable.ts";
import type { Proposal } from "../../index/vector-index.ts";
import type { Candidate } from "../../vectors/nearest.ts";
import { type VectorPlan, readLimit } from "./choose-plan.ts";
import { type Ranking, toRanking } from "./rankings.ts";
import type { SearchRun } from "./search-run.ts";

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
export function* compareCandidates(index: Comparable, run: SearchRun, plan: VectorPlan): Steps<Ranking | undefined> {
  const { vector, k } = run.search;
  const { selection } = run.check;
  const vectorOf = (key: number) => index.vector?.(key);
  if (selection?.count === 0) return toRanking(run, [], true, "none");
  if (selection !== undefined && (plan === "read" || selection.count <= readLimit)) {
    const items = Array.from(selection.keys(), (key) => ({ key, distance: 0 }));
    return toRanking(run, (yield* run.chooseInSteps(items, vectorOf)).chosen, true, "read");
  }
  const most = selection?.count ?? index.size;
  // To rank thousands, the usual candidates take long enough.
  const first = k > limits.k ? usuallyMeasured(k) : proof * usuallyMeasured(k);
  for (let count = first; ; count *= growth) {
    const proposal =
      selection === undefined
        ? yield* index.compareAll(vector, count)
        : yield* index.compareSome(vector, selection, count);
    const best = yield* run.chooseInSteps(proposal.items, vectorOf, proposal.typicalError);
    if (isProven(run, best.chosen, proposal)) {
      // Nothing outside the proposal can be a hit, so all of the proposal has to be measured.
      return toRanking(run, (yield* run.chooseInSteps(proposal.items, vectorOf)).chosen, true, "scan");
    }
    if (best.settled && best.chosen.length >= k && run.search.exact !== true) {
      return toRanking(run, best.chosen, false, "scan");
    }
    const { chosen } = yield* run.chooseInSteps(proposal.items, vectorOf);
    if (isProven(run, chosen, proposal)) return toRanking(run, chosen, true, "scan");
    if (count >= most || count * growth > maxCompared) return undefined;
  }
}

/** Number of an index's candidates that are usually measured in full precision. */
const usuallyMeasured = (k: number): number => k + Math.max(6, Math.ceil(k / 2));

/** Whether no chunk that was not measured can be a hit. */
export function isProven(run: SearchRun, chosen: readonly Candidate[], { completeBelow }: Proposal): boolean {
  const last = chosen[run.search.k - 1];
  return (
    completeBelow === Infinity ||
    run.maxDistance < completeBelow ||
    (last !== undefined && last.distance < completeBelow)
  );
}
