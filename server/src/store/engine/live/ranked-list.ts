import { byDistance, type Candidate } from "../vectors/nearest.ts";

/** Behind every chunk. */
const nowhere: Candidate = { key: Infinity, distance: Infinity };

/**
 * The nearest of all chunks that pass: every one before a certain place, the reach. Chunks that come are put in where
 * they are before it; what there is no room for, and what comes behind it, is not known.
 */
export class RankedList {
  readonly #capacity: number;
  #keys: number[] = [];
  #distances: number[] = [];
  #reach = nowhere;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Another one, which holds the same for now. */
  copy(): RankedList {
    const copy = new RankedList(this.#capacity);
    copy.#keys = [...this.#keys];
    copy.#distances = [...this.#distances];
    copy.#reach = this.#reach;
    return copy;
  }

  get keys(): readonly number[] {
    return this.#keys;
  }

  get distances(): readonly number[] {
    return this.#distances;
  }

  /** Whether every chunk that passes is in the list. */
  get complete(): boolean {
    return this.#reach === nowhere;
  }

  /** What is farther than this has no place. */
  get bound(): number {
    return this.#reach.distance;
  }

  /** @param complete whether there are no more that pass */
  replace(keys: readonly number[], distances: readonly number[], complete: boolean): void {
    this.#keys = [...keys];
    this.#distances = [...distances];
    const last = { key: keys.at(-1) ?? -1, distance: distances.at(-1) ?? -1 };
    this.#reach = complete ? nowhere : last;
  }

  /** Returns the place that the chunk took, if it took one. */
  add(candidate: Candidate): number | undefined {
    if (byDistance(candidate, this.#reach) > 0) return undefined;
    let place = 0;
    for (let end = this.#keys.length; place < end;) {
      const middle = (place + end) >> 1;
      if (byDistance(candidate, this.#at(middle)) < 0) end = middle;
      else place = middle + 1;
    }
    this.#keys.splice(place, 0, candidate.key);
    this.#distances.splice(place, 0, candidate.distance);
    return place;
  }

  /** Takes the last one out where there are too many; returns its key. */
  trim(): number | undefined {
    const last = this.#keys.length - 1;
    if (last < this.#capacity) return undefined;
    // It is known no more, but all that comes before it is.
    this.#reach = this.#at(last);
    this.#keys.pop();
    this.#distances.pop();
    return this.#reach.key;
  }

  /** Takes these out; returns the place of the first, and the keys of those that were in. */
  remove(gone: ReadonlySet<number>): { readonly place: number; readonly keys: readonly number[] } {
    const place = this.#keys.findIndex((key) => gone.has(key));
    if (place === -1) return { place: Infinity, keys: [] };
    const removed = this.#keys.filter((key) => gone.has(key));
    this.#distances = this.#distances.filter((_distance, index) => !gone.has(this.#keys[index] ?? -1));
    this.#keys = this.#keys.filter((key) => !gone.has(key));
    return { place, keys: removed };
  }

  #at(place: number): Candidate {
    return { key: this.#keys[place] ?? Infinity, distance: this.#distances[place] ?? Infinity };
  }
}
