import type { RankedList } from "./ranked-list.ts";

/** The next state of a list, while its query still shows the current one. */
export class DraftList {
  readonly list: RankedList;
  readonly #greatest: number;
  readonly #came = new Set<number>();
  readonly #gone: number[] = [];
  #firstChange = Infinity;

  /** @param greatest maximum distance of a chunk */
  constructor(list: RankedList, greatest: number) {
    this.list = list;
    this.#greatest = greatest;
  }

  /** Chunks farther away than this do not change it. */
  get bound(): number {
    return Math.min(this.list.bound, this.#greatest);
  }

  /** The chunks added to the list, and those removed from it. */
  get came(): Iterable<number> {
    return this.#came;
  }

  get gone(): Iterable<number> {
    return this.#gone;
  }

  /** First position at which the list differs. */
  get firstChange(): number {
    return this.#firstChange;
  }

  /** Removes chunks. */
  remove(gone: ReadonlySet<number>): void {
    const { place, keys } = this.list.remove(gone);
    this.#firstChange = Math.min(this.#firstChange, place);
    this.#gone.push(...keys);
  }

  /** Adds a chunk that passes the filter. */
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
