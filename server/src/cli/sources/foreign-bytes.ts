/** Signatures of files that are not UTF-8 text, though their content may be convertible to it. */
const beginnings: readonly (readonly [bytes: readonly number[], fault: string])[] = [
  [[0x1f, 0x8b], "is compressed; decompress it first, for example with gunzip"],
  [[0x28, 0xb5, 0x2f, 0xfd], "is compressed; decompress it first, for example with unzstd"],
  [[0x50, 0x4b, 0x03, 0x04], "is compressed; decompress it first, for example with unzip"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "is compressed; decompress it first, for example with unxz"],
  [[0xff, 0xfe], "is UTF-16; convert it first, for example with iconv -f UTF-16 -t UTF-8"],
  [[0xfe, 0xff], "is UTF-16; convert it first, for example with iconv -f UTF-16 -t UTF-8"],
];

/** What is wrong with bytes that are not UTF-8 text, and the remedy; undefined if they are no known format. */
export function foreignFault(bytes: Uint8Array): string | undefined {
  return beginnings.find(([beginning]) => beginning.every((byte, index) => bytes[index] === byte))?.[1];
}
