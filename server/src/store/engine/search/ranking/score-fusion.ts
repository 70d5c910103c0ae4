import { sortInSteps } from "../../../../scheduling/sort-in-steps.ts";
import type { Steps } from "../../../../scheduling/steps.ts";

/** Members of a list added up per step. */
const fusedAtOnce = 4_096;

/** A chunk and its score in one list; higher is better. */
export interface Rated {
  readonly key: number;
  readonly value: number;
}

/**
 * Min-max normalized scores: the best of a list has 1, the last has 0, and so has any chunk not in the list. That preserves
 * relative distances between scores, which ranks do not (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for
 * Hybrid Retrieval").
 *
 * @param list best first
 * @param floor the score that is mapped to 0 if the list is complete
 */
function relative(list: readonly Rated[], floor: number | undefined): (value: number) => number {
  const most = list[0]?.value ?? 0;
  const least = floor ?? list.at(-1)?.value ?? 0;
  const range = most - least;
  return (value) => (range > 0 ? (value - least) / range : 1);
}

interface Total extends Rated {
  readonly unweighted: number;
}

/** A list and its weight. */
export interface Part {
  readonly list: readonly Rated[];
  readonly weight: number;
  readonly floor?: number | undefined;
}

/**
 * All chunks of the lists, best first. Ties are broken by the unweighted scores, so that a list of weight 0 still orders
 * chunks that the others do not contain; then by key.
 */
export function* fuse(parts: readonly Part[]): Steps<readonly Rated[]> {
  const totals = new Map<number, Total>();
  for (const { list, weight, floor } of parts) {
    const share = relative(list, floor);
    for (const [place, rated] of list.entries()) {
      const { key } = rated;
      const value = share(rated.value);
      const known = totals.get(key);
      totals.set(key, {
        key,
        value: (known?.value ?? 0) + weight * value,
        unweighted: (known?.unweighted ?? 0) + value,
      });
      if (place % fusedAtOnce === fusedAtOnce - 1) yield;
    }
  }
  const order = (a: Total, b: Total) => b.value - a.value || b.unweighted - a.unweighted || a.key - b.key;
  const sorted = yield* sortInSteps([...totals.values()], order);
  return sorted.map(({ key, value }) => ({ key, value }));
}
