import { byDistance, type Candidate } from "../vectors/nearest.ts";

/** Sorts after every chunk. */
const nowhere: Candidate = { key: Infinity, distance: Infinity };

/**
 * The nearest chunks that pass, complete up to a certain position, the reach. New chunks are inserted if they come before
 * it; chunks that do not fit, or come after it, are not tracked.
 */
export class RankedList {
  readonly #capacity: number;
  #keys: number[] = [];
  #distances: number[] = [];
  #reach = nowhere;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** A copy. */
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

  /** Whether the list contains every chunk that passes. */
  get complete(): boolean {
    return this.#reach === nowhere;
  }

  /** Chunks farther away than this are not inserted. */
  get bound(): number {
    return this.#reach.distance;
  }

  /** @param complete whether no further chunks pass */
  replace(keys: readonly number[], distances: readonly number[], complete: boolean): void {
    this.#keys = [...keys];
    this.#distances = [...distances];
    const last = { key: keys.at(-1) ?? -1, distance: distances.at(-1) ?? -1 };
    this.#reach = complete ? nowhere : last;
  }

  /** Returns the position at which the chunk was inserted, if it was. */
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

  /** Removes the last chunk if there are too many; returns its key. */
  trim(): number | undefined {
    const last = this.#keys.length - 1;
    if (last < this.#capacity) return undefined;
    // It is no longer tracked, but the list is complete up to it.
    this.#reach = this.#at(last);
    this.#keys.pop();
    this.#distances.pop();
    return this.#reach.key;
  }

  /** Removes these; returns the position of the first, and the keys that were in the list. */
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
