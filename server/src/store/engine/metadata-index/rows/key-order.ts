import { gone, type NewNumbers } from "./bitmap.ts";
import { NumberList } from "./number-list.ts";

/** In place of a row that there is not. */
const none = 0xffffffff;

/**
 * The row of each key where rows are not in the order of their keys: a chunk whose record has changed is given a new row.
 * Takes 12 bytes per row.
 */
export class KeyOrder {
  /** Ascending, and the last row of each. */
  readonly #keys: NumberList;
  readonly #rows: NumberList;
  /** By row, the one that its key had before. */
  readonly #previous: NumberList;

  private constructor(keys: ArrayLike<number>, rows: ArrayLike<number>, count: number) {
    this.#keys = new NumberList(keys);
    this.#rows = new NumberList(rows);
    this.#previous = NumberList.filled(count, none);
  }

  /** @param keys of all rows, each once */
  static of(keys: Uint32Array): KeyOrder {
    const rows = Uint32Array.from(keys, (_key, row) => row).toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    return new KeyOrder(
      rows.map((row) => keys[row] ?? 0),
      rows,
      keys.length,
    );
  }

  get bytes(): number {
    return this.#keys.bytes + this.#rows.bytes + this.#previous.bytes;
  }

  get lastKey(): number {
    return this.#keys.at(this.#keys.length - 1);
  }

  /** @param key greater than all others */
  add(key: number, row: number): void {
    this.#keys.push(key);
    this.#rows.push(row);
    this.#previous.push(none);
  }

  /** @param row greater than all others */
  move(key: number, row: number): void {
    const place = this.#keys.position(key);
    this.#previous.push(this.#rows.at(place));
    this.#rows.set(place, row);
  }

  /** The row that a key had when there were `count` rows. */
  find(key: number, count: number): number | undefined {
    const place = this.#keys.position(key);
    if (place === this.#keys.length || this.#keys.at(place) !== key) return undefined;
    let row = this.#rows.at(place);
    while (row !== none && row >= count) row = this.#previous.at(row);
    return row === none ? undefined : row;
  }

  /** The rows in the order of their keys. */
  rows(): Uint32Array {
    return this.#rows.all();
  }

  /** Without rows that are gone. */
  compacted(numbers: NewNumbers, count: number): KeyOrder {
    const keys = this.#keys.all();
    const rows = this.#rows.all();
    const remains = (_each: number, place: number) => numbers[rows[place] ?? 0] !== gone;
    return new KeyOrder(
      keys.filter(remains),
      rows.filter(remains).map((row) => numbers[row] ?? gone),
      count,
    );
  }
}
