import type { RankedList } from "./ranked-list.ts";

/** What a list is to become, while the search goes on to show what it was. */
export class Draft {
  readonly list: RankedList;
  readonly #greatest: number;

  /** @param greatest how far a chunk may be */
  constructor(list: RankedList, greatest: number) {
    this.list = list;
    this.#greatest = greatest;
  }

  /** What is farther than this does not change it. */
  get bound(): number {
    return Math.min(this.list.bound, this.#greatest);
  }

  /** A chunk that passes has come. */
  add(key: number, distance: number): void {
    if (distance > this.bound || this.list.add({ key, distance }) === undefined) return;
    this.list.trim();
  }
}
