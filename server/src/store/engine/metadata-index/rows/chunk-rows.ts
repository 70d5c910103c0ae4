import { Bitmap, gone, type NewNumbers } from "./bitmap.ts";
import { KeyOrder } from "./key-order.ts";
import { NumberList } from "./number-list.ts";

/**
 * Maps the chunks of a library to consecutive row numbers, and tracks which of them remain. Rows are in the order of keys,
 * except those of chunks that were moved behind all others, as their records have changed.
 */
export class ChunkRows {
  readonly #keys: NumberList;
  /** How many of the first rows are in the order of their keys. */
  #ordered: number;
  /** Undefined while all rows are. */
  #order: KeyOrder | undefined;
  readonly live: Bitmap;

  /**
   * @param keys of the rows, each once
   * @param order of these, if it is known that they are not ascending
   */
  constructor(keys: ArrayLike<number>, order?: KeyOrder) {
    this.#keys = new NumberList(keys);
    this.live = Bitmap.below(keys.length);
    this.#ordered = ascending(this.#keys.all());
    if (this.#ordered < keys.length) this.#order = order ?? KeyOrder.of(this.#keys.all());
  }

  /** Number of rows ever added. */
  get count(): number {
    return this.#keys.length;
  }

  get bytes(): number {
    return this.#keys.bytes + (this.#order?.bytes ?? 0) + this.live.bytes + 100;
  }

  /** How many of the first rows are in the order of their keys, without moved ones among them. */
  get ordered(): number {
    return this.#ordered;
  }

  /** The greatest key; 0 if there is none. */
  get lastKey(): number {
    return this.#order?.lastKey ?? this.key(this.count - 1);
  }

  /** Returns the chunk's row. */
  add(key: number): number {
    if (this.count > 0 && key <= this.lastKey) throw new Error(`Chunk ${key} comes behind chunk ${this.lastKey}`);
    const row = this.#append(key);
    if (this.#order === undefined) this.#ordered++;
    else this.#order.add(key, row);
    return row;
  }

  /** Gives a chunk a row behind all others. Returns it; undefined if the chunk is not there. */
  move(key: number): number | undefined {
    const old = this.find(key);
    if (old === undefined || !this.live.has(old)) return undefined;
    this.#order ??= KeyOrder.of(this.#keys.all());
    this.live.delete(old);
    const row = this.#append(key);
    this.#order.move(key, row);
    return row;
  }

  remove(key: number): void {
    const row = this.find(key);
    if (row !== undefined) this.live.delete(row);
  }

  /** Updates them to the current keys, ascending, of which new ones come after all others. */
  follow(keys: ArrayLike<number>): void {
    const known = this.#order?.rows() ?? this.live.toArray();
    let place = 0;
    for (const row of known) {
      if (keys[place] === this.key(row)) place++;
      else this.live.delete(row);
    }
    for (; place < keys.length; place++) this.add(keys[place] ?? 0);
  }

  /** The key of every row. */
  all(): Uint32Array {
    return this.#keys.all();
  }

  key(row: number): number {
    return this.#keys.at(row);
  }

  /** The keys of rows, ascending. */
  keys(rows: Bitmap): Uint32Array<ArrayBuffer> {
    const keys = rows.toArray();
    let inOrder = 0;
    for (let index = 0; index < keys.length; index++) {
      const row = keys[index] ?? 0;
      if (row < this.#ordered) inOrder++;
      keys[index] = this.key(row);
    }
    return inOrder === keys.length ? keys : merged(keys.subarray(0, inOrder), keys.subarray(inOrder).toSorted());
  }

  /** The row that a chunk had when there were `count` rows; it may have been removed. */
  find(key: number, count = this.count): number | undefined {
    if (this.#order !== undefined) return this.#order.find(key, count);
    const row = this.#keys.position(key);
    return row < this.count && this.key(row) === key ? row : undefined;
  }

  /** Of the rows that are in the order of keys, the first whose key is not less than this one. */
  position(key: number): number {
    return this.#keys.position(key, this.#ordered);
  }

  /** Removes the rows of removed chunks; also returns the new number of each row. */
  compact(): { readonly rows: ChunkRows; readonly numbers: NewNumbers } {
    const live = this.live.toArray();
    const numbers = new Uint32Array(this.count).fill(gone);
    const keys = new Uint32Array(live.length);
    for (let renewed = 0; renewed < live.length; renewed++) {
      const row = live[renewed] ?? 0;
      numbers[row] = renewed;
      keys[renewed] = this.key(row);
    }
    return { rows: new ChunkRows(keys, this.#order?.compacted(numbers, live.length)), numbers };
  }

  #append(key: number): number {
    const row = this.count;
    this.#keys.push(key);
    this.live.add(row);
    return row;
  }
}

/** How many of the first are ascending. */
function ascending(keys: Uint32Array): number {
  for (let index = 1; index < keys.length; index++) if ((keys[index] ?? 0) <= (keys[index - 1] ?? 0)) return index;
  return keys.length;
}

/** Both are ascending. */
function merged(one: Uint32Array, other: Uint32Array): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(one.length + other.length);
  let place = 0;
  for (let index = 0; index < all.length; index++) {
    const next = other[index - place] ?? Infinity;
    all[index] = (one[place] ?? Infinity) < next ? (one[place++] ?? 0) : next;
  }
  return all;
}
