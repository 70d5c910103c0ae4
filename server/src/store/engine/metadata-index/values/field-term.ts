import { createHash } from "node:crypto";
import { parseInstant } from "@arrwdb/protocol/filter/instant";
import type { MetadataScalar } from "@arrwdb/protocol/documents/metadata";
import { canonical } from "@arrwdb/protocol/documents/numbers";

/** A value that is indexed as a term; null is tracked separately. */
export type Value = Exclude<MetadataScalar, null>;

const booleanTag = 1;
export const numberTag = 2;
export const textTag = 3;
export const instantTag = 4;

/** Maximum bytes of a text's encoding in a term; a longer one is cut and followed by a hash. */
export const textBytes = 64;
const hashBytes = 16;
/** Bytes of a tag and the longest text that is not cut. */
export const wholeBytes = 1 + textBytes;
export const maxTermBytes = wholeBytes + hashBytes;

const scratch = new Uint8Array(maxTermBytes);

/**
 * Encodes a value as bytes that sort like the values of its type, at most 81 of them. Text is encoded code unit by code
 * unit as UTF-8 encodes code points (CESU-8), which keeps the order of the code units. In a longer text, everything after
 * 64 bytes is replaced by a hash: such terms distinguish texts, but those with the same beginning are not ordered.
 */
export function termOf(value: Value): Uint8Array {
  if (typeof value === "boolean") return Uint8Array.of(booleanTag, value ? 1 : 0);
  if (typeof value !== "string") return numberTerm(numberTag, canonical(value));
  scratch[0] = textTag;
  const whole = writeText(value, scratch, 1, wholeBytes);
  if (whole !== undefined) return scratch.slice(0, whole);
  scratch.set(hash(value), wholeBytes);
  return scratch.slice();
}

/** The value of a term; undefined for a text that was cut. */
export function decodeTerm(term: Uint8Array): Value | undefined {
  if (term[0] === booleanTag) return term[1] === 1;
  if (term[0] === numberTag) return decodeNumber(term);
  return term.length === maxTermBytes ? undefined : decodeText(term, 1);
}

/** The encoding of any text, as contained in terms. */
export function encodedText(text: string): Uint8Array {
  const output = new Uint8Array(3 * text.length);
  return output.subarray(0, writeText(text, output, 0, output.length));
}

/** Returns the position after the text, or undefined if it does not fit. */
function writeText(text: string, output: Uint8Array, from: number, end: number): number | undefined {
  let position = from;
  for (let index = 0; index < text.length; index++) {
    if (position >= end) return undefined;
    const unit = text.charCodeAt(index);
    const size = unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    if (size === 1) output[position] = unit;
    else if (size === 2) output[position] = 0xc0 | (unit >>> 6);
    else output[position] = 0xe0 | (unit >>> 12);
    if (size === 3 && position + 1 < end) output[position + 1] = 0x80 | ((unit >>> 6) & 0x3f);
    if (size > 1 && position + size <= end) output[position + size - 1] = 0x80 | (unit & 0x3f);
    position += size;
  }
  return position > end ? undefined : position;
}

/** The term of an instant, in nanoseconds, which is stored in addition to that of its text. */
export const instantTerm = (at: bigint): Uint8Array => numberTerm(instantTag, at);

/** All terms of a value; lookups of each find it. */
export function termsOf(value: Value): readonly Uint8Array[] {
  const instant = typeof value === "string" ? parseInstant(value) : undefined;
  return instant === undefined ? [termOf(value)] : [termOf(value), instantTerm(instant)];
}

/**
 * The bits of a double sort like the number, once the sign is flipped and negative ones are inverted. An integer that is
 * not a double is encoded as the next double below it, followed by its distance from that: the number of bytes, and the
 * bytes.
 */
function numberTerm(tag: number, value: number | bigint): Uint8Array {
  const base = typeof value === "bigint" ? doubleBelow(value) : value;
  const rest = typeof value === "bigint" ? value - BigInt(base) : 0n;
  const hex = rest === 0n ? "" : rest.toString(16);
  const behind = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  const term = new Uint8Array(9 + (behind.length === 0 ? 0 : 1 + behind.length));
  const view = new DataView(term.buffer);
  term[0] = tag;
  // 0 and -0 are equal, so they have the same term.
  view.setFloat64(1, base + 0);
  const high = view.getUint32(1);
  const negative = high >>> 31 === 1;
  view.setUint32(1, negative ? ~high : high | 0x80000000);
  if (negative) view.setUint32(5, ~view.getUint32(5));
  if (behind.length > 0) {
    term[9] = behind.length;
    term.set(behind, 10);
  }
  return term;
}

function decodeNumber(term: Uint8Array): number | bigint {
  const view = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < 8; index++) view.setUint8(index, term[1 + index] ?? 0);
  const isNegative = (view.getUint32(0) & 0x80000000) === 0;
  view.setUint32(0, isNegative ? ~view.getUint32(0) : view.getUint32(0) & 0x7fffffff);
  if (isNegative) view.setUint32(4, ~view.getUint32(4));
  const base = view.getFloat64(0);
  if (Number.isSafeInteger(base) || !Number.isInteger(base)) return base;
  let rest = 0n;
  for (const byte of term.subarray(10)) rest = (rest << 8n) | BigInt(byte);
  return BigInt(base) + rest;
}

function decodeText(term: Uint8Array, from: number): string {
  const units: number[] = [];
  for (let index = from; index < term.length;) {
    const first = term[index] ?? 0;
    const second = (term[index + 1] ?? 0) & 0x3f;
    if (first < 0x80) units.push(first);
    else if (first < 0xe0) units.push(((first & 0x1f) << 6) | second);
    else units.push(((first & 0x0f) << 12) | (second << 6) | ((term[index + 2] ?? 0) & 0x3f));
    index += first < 0x80 ? 1 : first < 0xe0 ? 2 : 3;
  }
  return String.fromCharCode(...units);
}

const neighbour = new Float64Array(1);
const bits = new BigInt64Array(neighbour.buffer);

/** The greatest double that is not greater than an integer. */
function doubleBelow(value: bigint): number {
  const nearest = Number(value);
  if (BigInt(nearest) <= value) return nearest;
  neighbour[0] = nearest;
  // Consecutive doubles have consecutive bits, away from zero.
  bits[0] = (bits[0] ?? 0n) + (nearest > 0 ? -1n : 1n);
  return neighbour[0];
}

/** Part of a cryptographic hash, so that different texts have different terms. */
const hash = (text: string): Uint8Array => createHash("sha256").update(text, "utf16le").digest().subarray(0, hashBytes);

/** Compares at most `limit` bytes of two terms. Merging runs calls it for each term, so it is given no objects. */
// oxlint-disable-next-line max-params
export function compareTerms(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
  limit: number,
): number {
  const aSize = Math.min(limit, aTo - aFrom);
  const bSize = Math.min(limit, bTo - bFrom);
  const shared = Math.min(aSize, bSize);
  for (let index = 0; index < shared; index++) {
    const difference = (a[aFrom + index] ?? 0) - (b[bFrom + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return aSize - bSize;
}
