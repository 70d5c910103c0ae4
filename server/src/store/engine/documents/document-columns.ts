import type { DocumentPlace } from "../rows/documents-table.ts";

/** What the columns contained at some moment. Later changes do not affect it. */
export interface FrozenColumns {
  readonly numbers: Uint32Array;
  readonly keys: Float64Array;
  readonly seqs: Float64Array;
  readonly chunks: Uint32Array;
  readonly count: number;
}

/** Removed documents up to which columns are not compacted. */
const removedAtLeast = 1_024;

/**
 * The documents of a library in the order of their last writes, in 25 bytes each. A write gives a document a new number,
 * greater than all before: the metadata index needs ascending keys, and positions exceed its 32 bits one day.
 */
export class DocumentColumns {
  #numbers = new Uint32Array(64);
  #keys = new Float64Array(64);
  #seqs = new Float64Array(64);
  #chunks = new Uint32Array(64);
  #count = 0;
  #next = 1;
  /** 1 for each removed entry. */
  #gone = new Uint8Array(64);
  #removed = 0;

  /** Position of the last write that it knows; 0 if there is none. */
  get lastSeq(): number {
    return this.#count === 0 ? 0 : (this.#seqs[this.#count - 1] ?? 0);
  }

  get bytes(): number {
    return 25 * this.#numbers.length;
  }

  /** Adds a document written after all others; returns its number. */
  add({ key, seq, chunks }: DocumentPlace): number {
    if (seq <= this.lastSeq) throw new Error(`Document ${key} of ${seq} comes behind ${this.lastSeq}`);
    if (this.#count === this.#numbers.length) this.#grow();
    this.#numbers[this.#count] = this.#next;
    this.#keys[this.#count] = key;
    this.#seqs[this.#count] = seq;
    this.#chunks[this.#count++] = chunks;
    return this.#next++;
  }

  /** Removes the document written at this position; returns its number, if it is known. */
  remove(seq: number): number | undefined {
    const place = this.#position(seq);
    if (place === this.#count || this.#seqs[place] !== seq || this.#gone[place] === 1) return undefined;
    const number = this.#numbers[place];
    this.#gone[place] = 1;
    if (++this.#removed > removedAtLeast + this.#count / 2) this.#compact();
    return number;
  }

  /** The documents with numbers greater than this one, ascending. */
  *after(number: number): Generator<DocumentPlace & { readonly number: number }> {
    const { numbers, keys, seqs, chunks, count } = this.frozen();
    const gone = this.#gone;
    for (let place = placeOf(numbers, count, number + 1, 0); place < count; place++) {
      if (gone[place] === 1) continue;
      yield { number: numbers[place] ?? 0, key: keys[place] ?? 0, seq: seqs[place] ?? 0, chunks: chunks[place] ?? 0 };
    }
  }

  /** Entries are never changed, only added behind or copied to other arrays. */
  frozen(): FrozenColumns {
    return {
      numbers: this.#numbers,
      keys: this.#keys,
      seqs: this.#seqs,
      chunks: this.#chunks,
      count: this.#count,
    };
  }

  #position(seq: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seqs[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const size = Math.ceil(this.#count * 1.25) + 64;
    this.#resize(size, (place) => place);
  }

  #compact(): void {
    const left = new Uint32Array(this.#count - this.#removed);
    let count = 0;
    for (let place = 0; place < this.#count; place++) if (this.#gone[place] === 0) left[count++] = place;
    this.#count = count;
    this.#resize(count + 64, (place) => left[place] ?? 0);
    this.#removed = 0;
  }

  #resize(size: number, from: (place: number) => number): void {
    const numbers = new Uint32Array(size);
    const keys = new Float64Array(size);
    const seqs = new Float64Array(size);
    const chunks = new Uint32Array(size);
    const gone = new Uint8Array(size);
    for (let place = 0; place < this.#count; place++) {
      const old = from(place);
      numbers[place] = this.#numbers[old] ?? 0;
      keys[place] = this.#keys[old] ?? 0;
      seqs[place] = this.#seqs[old] ?? 0;
      chunks[place] = this.#chunks[old] ?? 0;
      gone[place] = this.#gone[old] ?? 0;
    }
    this.#numbers = numbers;
    this.#keys = keys;
    this.#seqs = seqs;
    this.#chunks = chunks;
    this.#gone = gone;
  }
}

/** The first place from `from` on whose number is not less than this one. */
export function placeOf(numbers: Uint32Array, count: number, number: number, from: number): number {
  let low = from;
  // Numbers are unique, so their difference is the greatest possible distance; without gaps it is the distance.
  let high = Math.min(count, from + Math.max(0, number - (numbers[from] ?? 0)));
  if (numbers[high] === number) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
