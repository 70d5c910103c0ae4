import { Bitmap, gone, type NewNumbers } from "./bitmap.ts";

/** The chunks of a library under row numbers without gaps, in the order of their keys, and which of them remain. */
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

  /** Rows that there ever were. */
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

  key(row: number): number {
    return this.#keys[row] ?? 0;
  }

  keys(rows: Bitmap): Uint32Array<ArrayBuffer> {
    return rows.toArray().map((row) => this.key(row));
  }

  find(key: number): number | undefined {
    const row = this.position(key);
    return row < this.#count && this.#keys[row] === key ? row : undefined;
  }

  /** The first row whose key is not below this one. */
  position(key: number): number {
    const last = this.#count - 1;
    // Keys have no two alike, so as many rows as there are keys between is the most that a row can be away.
    let low = Math.max(0, last - Math.max(0, this.key(last) - key));
    let high = Math.min(this.#count, Math.max(0, key - this.key(0)));
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.key(middle) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Leaves out the rows that are gone; tells also the new number of each. */
  compact(): { readonly rows: ChunkRows; readonly numbers: NewNumbers } {
    const live = this.live.toArray();
    const numbers = new Uint32Array(this.#count).fill(gone);
    for (const [renewed, row] of live.entries()) numbers[row] = renewed;
    return { rows: new ChunkRows(live.map((row) => this.key(row))), numbers };
  }
}
