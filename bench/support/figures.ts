export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle one, and how far the others are from it. */
export function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** The value that so many percent of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

/** Milliseconds of each of several runs. */
export async function measure(times: number, run: (time: number) => Promise<unknown>): Promise<Summary> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const begin = performance.now();
    await run(time);
    taken.push(performance.now() - begin);
  }
  return summary(taken);
}
