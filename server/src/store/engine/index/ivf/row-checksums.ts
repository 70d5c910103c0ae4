import { crc32 } from "node:zlib";

const segmentRows = 16_384;

/** CRC-32 of each row of a file with rows of equal length, in segments, so that growing copies nothing. */
export class RowChecksums {
  readonly #shift: (checksum: number) => number;
  readonly #segments: Uint32Array<ArrayBuffer>[] = [];

  constructor(rowBytes: number) {
    this.#shift = shifterBy(rowBytes);
  }

  get bytes(): number {
    return this.#segments.length * segmentRows * Uint32Array.BYTES_PER_ELEMENT;
  }

  set(row: number, bytes: Int8Array): void {
    this.#put(row, crc32(bytes));
  }

  /** Whether these bytes match the checksums of the rows from `row` on. One native call for any number of rows. */
  isRight(row: number, count: number, bytes: Int8Array): boolean {
    let expected = 0;
    for (let each = row; each < row + count; each++) expected = (this.#shift(expected) ^ this.#get(each)) >>> 0;
    return crc32(bytes) === expected;
  }

  /** Checksums of the first `count` rows; rows that were never set have 0. */
  first(count: number): Uint32Array<ArrayBuffer> {
    return Uint32Array.from({ length: count }, (_each, row) => this.#get(row));
  }

  restore(checksums: Uint32Array): void {
    for (const [row, checksum] of checksums.entries()) this.#put(row, checksum);
  }

  #get(row: number): number {
    return this.#segments[Math.floor(row / segmentRows)]?.[row % segmentRows] ?? 0;
  }

  #put(row: number, checksum: number): void {
    const place = Math.floor(row / segmentRows);
    while (this.#segments.length <= place) this.#segments.push(new Uint32Array(segmentRows));
    const segment = this.#segments[place];
    if (segment !== undefined) segment[row % segmentRows] = checksum;
  }
}

/**
 * Returns a function that advances a checksum over `length` bytes: the checksum of two parts is that of the first one,
 * advanced, XORed with that of the second (as in `crc32_combine` of zlib, Adler). It is linear, so it uses tables by byte.
 */
function shifterBy(length: number): (checksum: number) => number {
  const zeros = new Int8Array(length);
  const base = crc32(zeros, 0);
  const tables = Array.from({ length: 4 }, (_each, place) =>
    Uint32Array.from({ length: 256 }, (_value, byte) => crc32(zeros, (byte << (8 * place)) >>> 0) ^ base),
  );
  const [first, second, third, fourth] = tables;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) {
    throw new Error("A checksum has four bytes");
  }
  return (checksum) =>
    (first[checksum & 255] ?? 0) ^
    (second[(checksum >>> 8) & 255] ?? 0) ^
    (third[(checksum >>> 16) & 255] ?? 0) ^
    (fourth[checksum >>> 24] ?? 0);
}
