import type { Queries } from "./measure-queries.ts";

/** Number of queries kept, and the sampling interval. */
const most = 48;
const every = 16;

/** A sample of real queries, to measure an index with: the most recent of every sixteenth. */
export class AskedQueries {
  readonly #kept: Float32Array<ArrayBuffer>[] = [];
  #count = 0;

  note(query: Float32Array): void {
    if (this.#count++ % every !== 0) return;
    this.#kept.push(new Float32Array(query));
    if (this.#kept.length > most) this.#kept.shift();
  }

  all(): Queries {
    return [...this.#kept];
  }
}
