/** A chunk with how well one list rates it; more is better. */
export interface Rated {
  readonly key: number;
  readonly value: number;
}

/**
 * Relative scores: what a list rates best has 1, what it rates last has 0, and so has what it does not name. That keeps
 * how far apart its members are, which their ranks do not tell (Bruch, Gai and Ingber 2023, "An Analysis of Fusion
 * Functions for Hybrid Retrieval").
 *
 * @param list best first
 * @param floor the value that counts as 0 where the list names all that there is
 */
function relative(list: readonly Rated[], floor: number | undefined): ReadonlyMap<number, number> {
  const most = list[0]?.value ?? 0;
  const least = floor ?? list.at(-1)?.value ?? 0;
  const range = most - least;
  return new Map(list.map(({ key, value }) => [key, range > 0 ? (value - least) / range : 1]));
}

/** A list, and how much of the whole it counts. */
export interface Part {
  readonly list: readonly Rated[];
  readonly weight: number;
  readonly floor?: number | undefined;
}

/**
 * All that the lists name, best first. Of those that are equally good, the one that the lists rate best without their
 * weights comes first, so that a list which counts nothing still orders what the others say nothing of; then the order of
 * their keys.
 */
export function fuse(parts: readonly Part[]): readonly Rated[] {
  const totals = new Map<number, Rated & { readonly unweighted: number }>();
  for (const { list, weight, floor } of parts) {
    for (const [key, value] of relative(list, floor)) {
      const known = totals.get(key);
      totals.set(key, {
        key,
        value: (known?.value ?? 0) + weight * value,
        unweighted: (known?.unweighted ?? 0) + value,
      });
    }
  }
  return [...totals.values()]
    .toSorted((a, b) => b.value - a.value || b.unweighted - a.unweighted || a.key - b.key)
    .map(({ key, value }) => ({ key, value }));
}
