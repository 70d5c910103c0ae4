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

/** All that the lists name, best first; equally good in the order of their keys. */
export function fuse(parts: readonly Part[]): readonly Rated[] {
  const totals = new Map<number, number>();
  for (const { list, weight, floor } of parts) {
    for (const [key, value] of relative(list, floor)) totals.set(key, (totals.get(key) ?? 0) + weight * value);
  }
  return Array.from(totals, ([key, value]) => ({ key, value })).toSorted((a, b) => b.value - a.value || a.key - b.key);
}
