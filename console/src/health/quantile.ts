type Buckets = ReadonlyMap<number, number>;

/** The increase of a histogram between two scrapes; after a reset, as by a restart, all of it is new. */
export function grownBuckets(now: Buckets, before: Buckets): Buckets {
  const total = (buckets: Buckets) => buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  if (total(now) < total(before)) return now;
  return new Map([...now].map(([bound, value]) => [bound, value - (before.get(bound) ?? 0)]));
}

/** The quantile, as precisely as the buckets allow; undefined if nothing was counted. */
export function quantile(part: number, buckets: Buckets): number | undefined {
  const bounds = [...buckets.keys()].toSorted((a, b) => a - b);
  const wanted = part * (buckets.get(Number.POSITIVE_INFINITY) ?? 0);
  if (wanted === 0) return undefined;
  let [below, counted] = [0, 0];
  for (const bound of bounds) {
    const value = buckets.get(bound) ?? 0;
    // The last bucket has no upper bound.
    if (value >= wanted) {
      return bound === Number.POSITIVE_INFINITY
        ? below
        : below + ((bound - below) * (wanted - counted)) / (value - counted);
    }
    [below, counted] = [bound, value];
  }
  return below;
}
