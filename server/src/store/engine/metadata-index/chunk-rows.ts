import { Bitmap, gone, type NewNumbers } from "./bitmap.ts";

/** Maps the chunks of a library, in key order, to consecutive row numbers, and tracks which of them remain. */
export class ChunkRows {
  #keys: Uint32Array;
  #count: number;
  readonly live: Bitmap;

  /** @param keys ascending */
  constructor(keys: ArrayLike<number>) {
    this.#keys = Uint32Array.from(keys);
    this.#count = keys.length;
    this.live = Bitmap.below(keys.length);
  }

  /** Number of rows ever added. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#keys.byteLength + this.live.bytes + 100;
  }

  /** Returns the chunk's row. */
  add(key: number): number {
    if (this.#count > 0 && key <= this.key(this.#count - 1))
      throw new Error(`Chunk ${key} comes behind chunk ${this.key(this.#count - 1)}`);
    if (this.#count === this.#keys.length) {
      const grown = new Uint32Array(Math.max(64, Math.ceil(this.#count * 1.25)));
      grown.set(this.#keys);
      this.#keys = grown;
    }
    const row = this.#count++;
    this.#keys[row] = key;
    this.live.add(row);
    return row;
  }

  remove(key: number): void {
    const row = this.find(key);
    if (row !== undefined) this.live.delete(row);
  }

  /** Updates them to the current keys, ascending, of which new ones come after all others. */
  follow(keys: ArrayLike<number>): void {
    const known = this.#count;
    let place = 0;
    for (let row = 0; row < known; row++) {
      if (keys[place] === this.key(row)) place++;
      else this.live.delete(row);
    }
    for (; place < keys.length; place++) this.add(keys[place] ?? 0);
  }

  /** The key of every row. */
  all(): Uint32Array {
    return this.#keys.subarray(0, this.#count);
  }

  key(row: number): number {
    return this.#keys[row] ?? 0;
  }

  keys(rows: Bitmap): Uint32Array<ArrayBuffer> {
    const keys = rows.toArray();
    for (let index = 0; index < keys.length; index++) keys[index] = this.key(keys[index] ?? 0);
    return keys;
  }

  find(key: number): number | undefined {
    const row = this.position(key);
    return row < this.#count && this.#keys[row] === key ? row : undefined;
  }

  /** The first row whose key is not less than this one. */
  position(key: number): number {
    const last = this.#count - 1;
    // Keys are unique, so their difference is the greatest possible distance in rows.
    let low = Math.max(0, last - Math.max(0, this.key(last) - key));
    let high = Math.min(this.#count, Math.max(0, key - this.key(0)));
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.key(middle) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Removes the rows of removed chunks; also returns the new number of each row. */
  compact(): { readonly rows: ChunkRows; readonly numbers: NewNumbers } {
    const live = this.live.toArray();
    const numbers = new Uint32Array(this.#count).fill(gone);
    for (let renewed = 0; renewed < live.length; renewed++) numbers[live[renewed] ?? 0] = renewed;
    return { rows: new ChunkRows(this.keys(this.live)), numbers };
  }
}
