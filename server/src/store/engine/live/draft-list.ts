import type { RankedList } from "./ranked-list.ts";

/** What a list is to become, while the search goes on to show what it was. */
export class DraftList {
  readonly list: RankedList;
  readonly #greatest: number;
  readonly #came = new Set<number>();
  readonly #gone: number[] = [];
  #firstChange = Infinity;

  /** @param greatest how far a chunk may be */
  constructor(list: RankedList, greatest: number) {
    this.list = list;
    this.#greatest = greatest;
  }

  /** What is farther than this does not change it. */
  get bound(): number {
    return Math.min(this.list.bound, this.#greatest);
  }

  /** The chunks that the list did not have before, and those that it had. */
  get came(): Iterable<number> {
    return this.#came;
  }

  get gone(): Iterable<number> {
    return this.#gone;
  }

  /** From which place on it is another list. */
  get firstChange(): number {
    return this.#firstChange;
  }

  /** Chunks are gone. */
  remove(gone: ReadonlySet<number>): void {
    const { place, keys } = this.list.remove(gone);
    this.#firstChange = Math.min(this.#firstChange, place);
    this.#gone.push(...keys);
  }

  /** A chunk that passes has come. */
  add(key: number, distance: number): void {
    if (distance > this.bound) return;
    const place = this.list.add({ key, distance });
    if (place === undefined) return;
    this.#firstChange = Math.min(this.#firstChange, place);
    this.#came.add(key);
    const dropped = this.list.trim();
    if (dropped !== undefined && !this.#came.delete(dropped)) this.#gone.push(dropped);
  }
}
