/**
 * Normalized discounted cumulative gain of a ranking, as Järvelin and Kekäläinen (2002) have it: 1 where no order could be
 * better, 0 where nothing that was found answers the question.
 *
 * @param gains above 0, of each document that answers it
 */
export function ndcg(found: readonly string[], gains: ReadonlyMap<string, number>, depth: number): number {
  const discounted = (values: readonly number[]) =>
    values.slice(0, depth).reduce((sum, gain, place) => sum + gain / Math.log2(place + 2), 0);
  const ideal = discounted([...gains.values()].toSorted((a, b) => b - a));
  return ideal === 0 ? 0 : discounted(found.map((id) => gains.get(id) ?? 0)) / ideal;
}
