/** Number of values in the range of one container, and its number of words as a bitset. */
export const span = 65_536;
export const wordCount = span / 32;
/** Number of values up to which a list takes less memory than a bitset. */
const listLimit = 4_096;

/** Few values between 0 and 65,535: an ascending list. */
export interface List {
  readonly dense: false;
  /** Only the first `size` are used; the rest is spare capacity. */
  values: Uint16Array;
  size: number;
}

/** Many values between 0 and 65,535: one bit each. */
export interface Bits {
  readonly dense: true;
  readonly words: Uint32Array;
  size: number;
}

/** A part of a bitmap, after Chambi et al., "Better bitmap performance with Roaring bitmaps" (2016), without runs. */
export type Container = List | Bits;

export const emptyBits = (): Bits => ({ dense: true, words: new Uint32Array(wordCount), size: 0 });

export const listOf = (values: Uint16Array): List => ({ dense: false, values, size: values.length });

/** Ascending values by their lower 16 bits. */
export function ofAscending(values: Uint32Array): Container {
  const list = Uint16Array.from(values);
  return list.length > listLimit ? toBits(listOf(list)) : listOf(list);
}

function setBit(bits: Bits, value: number): void {
  if (hasBit(bits, value)) return;
  bits.words[value >>> 5] = (bits.words[value >>> 5] ?? 0) | (1 << (value & 31));
  bits.size++;
}

function clearBit(bits: Bits, value: number): void {
  if (!hasBit(bits, value)) return;
  bits.words[value >>> 5] = (bits.words[value >>> 5] ?? 0) & ~(1 << (value & 31));
  bits.size--;
}

const hasBit = ({ words }: Bits, value: number): boolean => (((words[value >>> 5] ?? 0) >>> (value & 31)) & 1) === 1;

/** The number of bits that are set; Warren, "Hacker's Delight" (2013), 5-1. */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Index of the first value that is not less than this one. */
function positionIn({ values, size }: List, value: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function has(container: Container, value: number): boolean {
  if (container.dense) return hasBit(container, value);
  const position = positionIn(container, value);
  return position < container.size && container.values[position] === value;
}

/** Adds a value greater than all others; returns the container that holds it now. */
export function append(container: Container, value: number): Container {
  if (container.dense) {
    setBit(container, value);
    return container;
  }
  if (container.size === listLimit) {
    const bits = toBits(container);
    setBit(bits, value);
    return bits;
  }
  if (container.size === container.values.length) {
    const grown = new Uint16Array(Math.min(listLimit, Math.max(4, Math.ceil(container.size * 1.5))));
    grown.set(container.values);
    container.values = grown;
  }
  container.values[container.size++] = value;
  return container;
}

export function remove(container: Container, value: number): void {
  if (container.dense) {
    clearBit(container, value);
    return;
  }
  const position = positionIn(container, value);
  if (position === container.size || container.values[position] !== value) return;
  container.values.copyWithin(position, position + 1, container.size--);
}

/** Takes ownership of the words. */
export function bitsOf(words: Uint32Array): Bits {
  let size = 0;
  for (let index = 0; index < words.length; index++) size += bitCount(words[index] ?? 0);
  return { dense: true, words, size };
}

/** Adds values in any order. */
function fill(bits: Bits, values: Uint16Array, size: number): void {
  const { words } = bits;
  let added = 0;
  for (let index = 0; index < size; index++) {
    const value = values[index] ?? 0;
    const word = words[value >>> 5] ?? 0;
    added += 1 - ((word >>> (value & 31)) & 1);
    words[value >>> 5] = word | (1 << (value & 31));
  }
  bits.size += added;
}

function toBits(container: Container): Bits {
  if (container.dense) return { dense: true, words: container.words.slice(), size: container.size };
  const bits = emptyBits();
  fill(bits, container.values, container.size);
  return bits;
}

export function and(a: Container, b: Container): Container {
  if (a.dense && b.dense) return combine(a, b, both);
  if (a.dense) return and(b, a);
  return b.dense ? keep(a, (value) => hasBit(b, value)) : intersect(a, b);
}

export function andNot(a: Container, b: Container): Container {
  if (!a.dense) {
    if (b.dense) return keep(a, (value) => !hasBit(b, value));
    const common = intersect(a, b);
    return common.size === 0 ? a : keep(a, (value) => !has(common, value));
  }
  if (b.dense) return combine(a, b, onlyFirst);
  const bits = toBits(a);
  for (let index = 0; index < b.size; index++) clearBit(bits, b.values[index] ?? 0);
  return bits;
}

/** Adds all values of another container to these bits. */
export function mergeInto(bits: Bits, other: Container): void {
  if (!other.dense) {
    fill(bits, other.values, other.size);
    return;
  }
  let size = 0;
  for (let index = 0; index < wordCount; index++) {
    const word = (bits.words[index] ?? 0) | (other.words[index] ?? 0);
    bits.words[index] = word;
    size += bitCount(word);
  }
  bits.size = size;
}

/** Sets the bits of the values. */
export function copyTo(container: Container, words: Uint32Array): void {
  if (container.dense) {
    words.set(container.words);
    return;
  }
  for (let index = 0; index < container.size; index++) {
    const value = container.values[index] ?? 0;
    words[value >>> 5] = (words[value >>> 5] ?? 0) | (1 << (value & 31));
  }
}

/** Writes the values, ascending and offset by `base`, starting at a position; returns the position after them. */
export function write(container: Container, base: number, output: Uint32Array, from: number): number {
  let position = from;
  if (!container.dense) {
    for (let index = 0; index < container.size; index++) output[position++] = base + (container.values[index] ?? 0);
    return position;
  }
  for (let index = 0; index < wordCount; index++) {
    let word = container.words[index] ?? 0;
    while (word !== 0) {
      output[position++] = base + index * 32 + (31 - Math.clz32(word & -word));
      word &= word - 1;
    }
  }
  return position;
}

/** Bytes, including the engine's overhead per array. */
export const bytesOf = (container: Container): number =>
  150 + (container.dense ? wordCount * 4 : container.values.length * 2);

const both = (a: number, b: number): number => a & b;
const onlyFirst = (a: number, b: number): number => a & ~b;

function combine(a: Bits, b: Bits, operation: (a: number, b: number) => number): Bits {
  const result = emptyBits();
  for (let index = 0; index < wordCount; index++) {
    const word = operation(a.words[index] ?? 0, b.words[index] ?? 0);
    result.words[index] = word;
    result.size += bitCount(word);
  }
  return result;
}

function keep(list: List, condition: (value: number) => boolean): List {
  const values = new Uint16Array(list.size);
  let size = 0;
  for (let index = 0; index < list.size; index++) {
    const value = list.values[index] ?? 0;
    if (condition(value)) values[size++] = value;
  }
  return { dense: false, values, size };
}

function intersect(a: List, b: List): List {
  const values = new Uint16Array(Math.min(a.size, b.size));
  let size = 0;
  let place = 0;
  for (let index = 0; index < a.size; index++) {
    const value = a.values[index] ?? 0;
    while (place < b.size && (b.values[place] ?? 0) < value) place++;
    if (place === b.size) break;
    if (b.values[place] === value) values[size++] = value;
  }
  return { dense: false, values, size };
}
