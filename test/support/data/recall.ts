import { cosineDistance } from "./vectors.ts";

interface Hits {
  readonly hits: readonly { readonly text: string; readonly distance: number | null }[];
}

/** Distances that differ by less are the same but for the rounding of vectors to 32-bit numbers. */
const rounding = 1e-7;

/** What is asked of vectors, with all true distances, which are computed once. */
export class RecallCheck {
  readonly #queries: readonly Float32Array<ArrayBuffer>[];
  readonly #distances: readonly Float64Array[];

  constructor(queries: readonly Float32Array<ArrayBuffer>[], vectors: readonly Float32Array[]) {
    this.#queries = queries;
    this.#distances = queries.map((query) => Float64Array.from(vectors, (vector) => cosineDistance(query, vector)));
  }

  /**
   * The part of the nearest that searches find, on the whole. A chunk's text is its row; one that is as near as the last of
   * the nearest counts as one of them.
   */
  async recall(
    k: number,
    passes: (row: number) => boolean,
    search: (query: Float32Array<ArrayBuffer>) => Promise<Hits>,
  ): Promise<number> {
    let found = 0;
    let wanted = 0;
    for (const [place, query] of this.#queries.entries()) {
      const distances = this.#distances[place] ?? new Float64Array();
      const sorted = distances.filter((_distance, row) => passes(row)).toSorted();
      const count = Math.min(k, sorted.length);
      const last = (sorted[count - 1] ?? -1) + rounding;
      const rows = new Set((await search(query)).hits.map(({ text }) => Number(text)));
      found += [...rows].filter((row) => passes(row) && (distances[row] ?? Infinity) <= last).length;
      wanted += count;
    }
    return wanted === 0 ? 1 : found / wanted;
  }
}
