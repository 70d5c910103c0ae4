import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";
import { type Decompressor, feed, finish } from "./decompressor.ts";

interface Coding {
  /** @param start the beginning of the stream */
  readonly open: (start: Uint8Array) => Decompressor;
  /** What may follow the end of a stream: another one, zeros that fill a block of a tape or disk, or nothing. */
  readonly trailer: "stream" | "zeros" | "nothing";
}

/** Node's gunzip continues by itself with a following gzip member. */
const gzip: Coding = { open: () => createGunzip(), trailer: "zeros" };

/** By the names of the content codings (RFC 9110, 8.4.1; RFC 7932 for br; RFC 8878 for zstd). */
const codings: ReadonlyMap<string, Coding> = new Map([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", { open: (start) => (hasZlibHeader(start) ? createInflate() : createInflateRaw()), trailer: "nothing" }],
  ["br", { open: () => createBrotliDecompress(), trailer: "nothing" }],
  ["zstd", { open: () => createZstdDecompress(), trailer: "stream" }],
]);

/**
 * `deflate` means the zlib format, and some senders leave its header out (RFC 9110, 8.4.1.2). Bare deflate does not
 * begin with a byte that looks like one, unless its encoder fills the padding of a block with ones.
 */
const hasZlibHeader = ([first = 0x78]: Uint8Array) => (first & 0x8f) === 0x08;

export const isContentCoding = (name: string): boolean => name === "identity" || codings.has(name);

/**
 * The decoded content of a body, with backpressure. If the body is corrupt, truncated, or followed by other data, it
 * throws after what was decoded so far.
 *
 * Node's decoders end with the first stream in a body and silently ignore what follows, or continue, depending on how
 * the bytes were split in transit.
 *
 * @throws RangeError if the coding is unknown
 */
export async function* decodeContent(coding: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (coding === "identity") return yield* body;
  const format = codings.get(coding);
  if (format === undefined) throw new RangeError(`The content coding ${coding} is not known`);
  yield* decodeStreams(format, body);
}

async function* decodeStreams({ open, trailer }: Coding, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let engine: Decompressor | undefined;
  let inZeros = false;
  try {
    for await (const chunk of body) {
      let rest = chunk;
      while (rest.length > 0 && !inZeros) {
        engine ??= opened(open, rest);
        rest = rest.subarray(yield* feed(engine, rest));
        if (rest.length === 0) break;
        if (trailer === "nothing") throw new Error("bytes follow its end");
        inZeros = trailer === "zeros";
        engine.destroy();
        engine = undefined;
      }
      if (rest.some((byte) => byte !== 0)) throw new Error("bytes follow its end");
    }
    if (!inZeros) yield* finish((engine ??= opened(open, new Uint8Array())));
  } finally {
    engine?.destroy();
  }
}

function opened(open: Coding["open"], start: Uint8Array): Decompressor {
  const engine = open(start);
  // Errors are reported to the writer; without one, destroying the stream must not throw.
  engine.on("error", () => undefined);
  return engine;
}
