/** Keeps the first `limit` of any number of items, in memory for about twice as many. */
export class Smallest<Item> {
  readonly #limit: number;
  readonly #compare: (a: Item, b: Item) => number;
  #kept: Item[] = [];
  #last: Item | undefined;

  constructor(limit: number, compare: (a: Item, b: Item) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** Items that do not sort before this one are not among the first. */
  get last(): Item | undefined {
    return this.#last;
  }

  add(item: Item): void {
    if (this.#last !== undefined && this.#compare(item, this.#last) >= 0) return;
    this.#kept.push(item);
    if (this.#kept.length >= 2 * this.#limit + 64) this.#cut();
  }

  sorted(): readonly Item[] {
    this.#cut();
    return this.#kept;
  }

  #cut(): void {
    this.#kept = this.#kept.toSorted(this.#compare).slice(0, this.#limit);
    this.#last = this.#kept[this.#limit - 1];
  }
}
