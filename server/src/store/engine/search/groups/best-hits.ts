/** A chunk by its key, and its place among others: less is better. */
export interface HitRef {
  readonly key: number;
  readonly order: number;
}

/** Best first; ties in insertion order. */
export const byOrder = (a: HitRef, b: HitRef): number => a.order - b.order || a.key - b.key;

/** Keeps the best of any number of hits; for few, as each one is inserted in its place. */
export class BestHits {
  readonly #limit: number;
  readonly #hits: HitRef[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Hits beyond this order are not among the best. */
  get bound(): number {
    return this.#hits[this.#limit - 1]?.order ?? Infinity;
  }

  get full(): boolean {
    return this.#hits.length === this.#limit;
  }

  add(hit: HitRef): void {
    if (hit.order > this.bound) return;
    const place = this.#hits.findLastIndex((other) => byOrder(other, hit) <= 0) + 1;
    this.#hits.splice(place, 0, hit);
    if (this.#hits.length > this.#limit) this.#hits.pop();
  }

  /** Best first. */
  get hits(): readonly HitRef[] {
    return this.#hits;
  }
}
