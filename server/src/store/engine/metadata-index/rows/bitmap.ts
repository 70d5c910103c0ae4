import * as containers from "./bitmap-container.ts";
import { type Bits, type Container, emptyBits, listOf, span, wordCount } from "./bitmap-container.ts";

/** A serialized bitmap. */
export type SavedBitmap = readonly (Container | undefined)[];

/** The new number of each old row, or `gone`. */
export type NewNumbers = Uint32Array;
export const gone = 0xffffffff;

/** Number of values up to which a set is built by sorting them. */
const sortedLimit = 256;

/**
 * A compressed set of row numbers. Results of `andNot` and `union` may share memory with their operands, so they are valid
 * until one of these changes; the result of `and` is independent.
 */
export class Bitmap {
  readonly #containers: (Container | undefined)[] = [];

  static restored(saved: SavedBitmap): Bitmap {
    const bitmap = new Bitmap();
    bitmap.#containers.push(...saved);
    return bitmap;
  }

  /** All numbers less than `end`. */
  static below(end: number): Bitmap {
    const bitmap = new Bitmap();
    for (let base = 0; base < end; base += span) {
      const bits = emptyBits();
      const size = Math.min(span, end - base);
      bits.words.fill(0xffffffff, 0, size >>> 5);
      if (size % 32 > 0) bits.words[size >>> 5] = 2 ** (size % 32) - 1;
      bits.size = size;
      bitmap.#containers.push(bits);
    }
    return bitmap;
  }

  /** Numbers in any order, possibly repeated. */
  static of(parts: readonly Uint32Array[]): Bitmap {
    const count = parts.reduce((sum, { length }) => sum + length, 0);
    if (count > sortedLimit) return Bitmap.#spread(parts);
    const bitmap = new Bitmap();
    const numbers = new Uint32Array(count);
    let position = 0;
    for (const part of parts) {
      numbers.set(part, position);
      position += part.length;
    }
    numbers.sort();
    for (const number of numbers) bitmap.add(number);
    return bitmap;
  }

  /** Sets bits one by one, which takes the same time in any order. */
  static #spread(parts: readonly Uint32Array[]): Bitmap {
    const last = parts.reduce((highest, part) => Math.max(highest, highestOf(part)), 0);
    const words = new Uint32Array(Math.ceil((last + 1) / span) * wordCount);
    for (const part of parts) {
      // Here and below, iterators would take ten times as long.
      for (let index = 0; index < part.length; index++) {
        const number = part[index] ?? 0;
        words[number >>> 5] = (words[number >>> 5] ?? 0) | (1 << (number & 31));
      }
    }
    const bitmap = new Bitmap();
    for (let from = 0; from < words.length; from += wordCount) {
      const bits = containers.bitsOf(words.subarray(from, from + wordCount));
      bitmap.#containers.push(bits.size === 0 ? undefined : bits);
    }
    return bitmap;
  }

  static union(bitmaps: readonly Bitmap[]): Bitmap {
    const [first, ...rest] = bitmaps;
    if (first === undefined) return new Bitmap();
    if (rest.length === 0) return first;
    const bitmap = new Bitmap();
    const length = Math.max(...bitmaps.map((one) => one.#containers.length));
    for (let index = 0; index < length; index++) {
      const parts = bitmaps.flatMap((one) => one.#containers[index] ?? []);
      bitmap.#containers[index] = parts.length > 1 ? unionOf(parts) : parts[0];
    }
    return bitmap;
  }

  get size(): number {
    let size = 0;
    for (const container of this.#containers) size += container?.size ?? 0;
    return size;
  }

  /** Estimated memory in bytes. */
  get bytes(): number {
    let bytes = 100;
    for (const container of this.#containers) bytes += container === undefined ? 8 : containers.bytesOf(container);
    return bytes;
  }

  /** Adds a number that is not less than any other. */
  add(number: number): void {
    const index = number >>> 16;
    const container = this.#containers[index];
    const value = number & (span - 1);
    if (container === undefined) {
      while (this.#containers.length < index) this.#containers.push(undefined);
      this.#containers[index] = listOf(Uint16Array.of(value));
    } else if (container.dense || container.values[container.size - 1] !== value) {
      this.#containers[index] = containers.append(container, value);
    }
  }

  delete(number: number): void {
    const container = this.#containers[number >>> 16];
    if (container !== undefined) containers.remove(container, number & (span - 1));
  }

  has(number: number): boolean {
    const container = this.#containers[number >>> 16];
    return container !== undefined && containers.has(container, number & (span - 1));
  }

  and(other: Bitmap): Bitmap {
    const result = new Bitmap();
    for (const [index, container] of this.#containers.entries()) {
      const beside = other.#containers[index];
      result.#containers.push(container && beside && containers.and(container, beside));
    }
    return result;
  }

  andNot(other: Bitmap): Bitmap {
    const result = new Bitmap();
    for (const [index, container] of this.#containers.entries()) {
      const beside = other.#containers[index];
      result.#containers.push(container && beside ? containers.andNot(container, beside) : container);
    }
    return result;
  }

  /** Sets the bits of its numbers in words that have room for them, container by container. */
  copyTo(words: Uint32Array): void {
    for (const [index, container] of this.#containers.entries()) {
      if (container !== undefined) containers.copyTo(container, words.subarray(index * wordCount));
    }
  }

  saved(): SavedBitmap {
    return this.#containers;
  }

  /** @param numbers are as ascending as those that they replace */
  renumbered(numbers: NewNumbers): Bitmap {
    const known = this.toArray();
    let size = 0;
    for (let index = 0; index < known.length; index++) {
      const renewed = numbers[known[index] ?? 0] ?? gone;
      if (renewed !== gone) known[size++] = renewed;
    }
    const bitmap = new Bitmap();
    // Adding them one by one would take several times as long.
    for (let from = 0; from < size;) {
      const part = (known[from] ?? 0) >>> 16;
      let end = from + 1;
      while (end < size && (known[end] ?? 0) >>> 16 === part) end++;
      while (bitmap.#containers.length < part) bitmap.#containers.push(undefined);
      bitmap.#containers.push(containers.ofAscending(known.subarray(from, end)));
      from = end;
    }
    return bitmap;
  }

  /** The numbers, ascending, in parts of at most 65,536. */
  *parts(): Generator<Uint32Array> {
    for (const [index, container] of this.#containers.entries()) {
      if (container === undefined || container.size === 0) continue;
      const output = new Uint32Array(container.size);
      containers.write(container, index * span, output, 0);
      yield output;
    }
  }

  /** The numbers, ascending. */
  toArray(): Uint32Array<ArrayBuffer> {
    const output = new Uint32Array(this.size);
    let position = 0;
    for (const [index, container] of this.#containers.entries()) {
      if (container !== undefined) position = containers.write(container, index * span, output, position);
    }
    return output;
  }
}

function highestOf(numbers: Uint32Array): number {
  let highest = 0;
  for (let index = 0; index < numbers.length; index++) highest = Math.max(highest, numbers[index] ?? 0);
  return highest;
}

function unionOf(parts: readonly Container[]): Bits {
  const bits = emptyBits();
  for (const part of parts) containers.mergeInto(bits, part);
  return bits;
}
