import { cosineDistance } from "./vectors.ts";

interface Hits {
  readonly hits: readonly { readonly text: string; readonly distance: number | null }[];
}

/** Distances that differ by less are the same but for the rounding of vectors to 32-bit numbers. */
const rounding = 1e-7;

/**
 * The part of the nearest that searches find, on the whole. A chunk's text is its row; one that is as near as the last of
 * the nearest counts as one of them.
 */
export async function recallOf(
  queries: readonly Float32Array<ArrayBuffer>[],
  vectors: readonly Float32Array[],
  k: number,
  passes: ((row: number) => boolean) | undefined,
  search: (query: Float32Array<ArrayBuffer>) => Promise<Hits>,
): Promise<number> {
  let found = 0;
  let wanted = 0;
  for (const query of queries) {
    const distances = new Map<number, number>();
    for (const [row, vector] of vectors.entries()) {
      if (passes?.(row) !== false) distances.set(row, cosineDistance(query, vector));
    }
    const sorted = Float64Array.from(distances.values()).toSorted();
    const count = Math.min(k, sorted.length);
    const last = (sorted[count - 1] ?? -1) + rounding;
    const rows = new Set((await search(query)).hits.map(({ text }) => Number(text)));
    found += [...rows].filter((row) => (distances.get(row) ?? Infinity) <= last).length;
    wanted += count;
  }
  return wanted === 0 ? 1 : found / wanted;
}
