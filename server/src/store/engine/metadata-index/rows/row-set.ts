import type { Bitmap } from "./bitmap.ts";
import { wordCount } from "./bitmap-container.ts";

/** Words read at a time. */
const wordsOfPart = 256;

/** A set of rows below a number, one bit each. */
export class RowSet {
  readonly #words: Uint32Array;
  #size: number;

  /** @param words bits of the rows, of which it takes ownership */
  private constructor(words: Uint32Array, size: number) {
    this.#words = words;
    this.#size = size;
  }

  /** No rows, of so many. */
  static none(count: number): RowSet {
    return new RowSet(new Uint32Array(Math.ceil(count / 32)), 0);
  }

  /** A copy, which later changes of the bitmap do not affect. @param count the bitmap's rows are less than this */
  static of(bitmap: Bitmap, count: number): RowSet {
    const words = new Uint32Array(Math.ceil(count / 32 / wordCount) * wordCount);
    bitmap.copyTo(words);
    return new RowSet(words, bitmap.size);
  }

  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return (((this.#words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  add(row: number): void {
    const word = this.#words[row >>> 5] ?? 0;
    const bit = 1 << (row & 31);
    if ((word & bit) !== 0) return;
    this.#words[row >>> 5] = word | bit;
    this.#size++;
  }

  remove(row: number): void {
    if (!this.has(row)) return;
    this.#words[row >>> 5] = (this.#words[row >>> 5] ?? 0) & ~(1 << (row & 31));
    this.#size--;
  }

  /** The rows, ascending, in parts. */
  *parts(): Generator<Uint32Array> {
    for (let from = 0; from < this.#words.length; from += wordsOfPart) yield this.#part(from);
  }

  #part(from: number): Uint32Array {
    const words = this.#words.subarray(from, from + wordsOfPart);
    const rows = new Uint32Array(32 * words.length);
    let count = 0;
    for (let index = 0; index < words.length; index++) {
      for (let word = words[index] ?? 0; word !== 0; word &= word - 1)
        rows[count++] = 32 * (from + index) + (31 - Math.clz32(word & -word));
    }
    return rows.subarray(0, count);
  }
}
