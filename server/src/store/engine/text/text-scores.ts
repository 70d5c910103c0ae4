import { Nearest } from "../vectors/nearest.ts";
import type { Steps } from "../../../scheduling/steps.ts";

const pageBits = 10;
const pageSize = 2 ** pageBits;
const triedAtOnce = 32;

/** A chunk by its key, with its score. */
export interface Scored {
  readonly key: number;
  readonly score: number;
}

/** Sums of scores by chunk key, in pages of neighbouring keys, as a map by key is several times slower. */
export class Scores {
  readonly #pages = new Map<number, Float64Array<ArrayBuffer>>();
  #size = 0;

  /** Number of chunks with a score. */
  get size(): number {
    return this.#size;
  }

  /** Adds a positive score to each of these. */
  add(keys: readonly number[], score: number): void {
    let number = -1;
    let page = new Float64Array(0);
    for (const key of keys) {
      const next = Math.floor(key / pageSize);
      if (next !== number) {
        number = next;
        page = this.#page(number);
      }
      const place = key % pageSize;
      const before = page[place] ?? 0;
      if (before === 0) this.#size++;
      page[place] = before + score;
    }
  }

  /** Whether the chunk has a score. */
  has(key: number): boolean {
    return this.score(key) > 0;
  }

  /** The chunk's score, 0 if it has none. */
  score(key: number): number {
    return this.#pages.get(Math.floor(key / pageSize))?.[key % pageSize] ?? 0;
  }

  /** The keys of all chunks with a score, a page at a time. */
  *keys(): Generator<readonly number[]> {
    for (const [number, page] of this.#pages) {
      const keys: number[] = [];
      for (let place = 0; place < pageSize; place++) if (page[place] !== 0) keys.push(number * pageSize + place);
      yield keys;
    }
  }

  /** The highest scores of chunks that pass, in order; ties in key order. */
  *highest(count: number, passes: (key: number) => boolean = () => true): Steps<readonly Scored[]> {
    const nearest = new Nearest(count);
    let tried = 0;
    for (const [number, page] of this.#pages) {
      for (let place = 0; place < pageSize; place++) {
        const score = page[place] ?? 0;
        if (score === 0 || -score > nearest.bound) continue;
        const key = number * pageSize + place;
        if (passes(key)) nearest.add({ key, distance: -score });
        // Evaluating the filter may require reading the chunk.
        if (++tried % triedAtOnce === 0) yield;
      }
      yield;
    }
    return nearest.sorted().map(({ key, distance }) => ({ key, score: -distance }));
  }

  #page(number: number): Float64Array<ArrayBuffer> {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = new Float64Array(pageSize);
    this.#pages.set(number, page);
    return page;
  }
}
