import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

const codings: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

export const isContentCoding = (name: string): boolean => name === "identity" || Object.hasOwn(codings, name);

/** What a body in this content coding holds. */
export async function* decodeContent(coding: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const engine = codings[coding]?.();
  if (engine === undefined) {
    yield* body;
    return;
  }
  const fed = pipeline(Readable.from(body), engine);
  fed.catch(() => undefined);
  for await (const chunk of engine) if (chunk instanceof Uint8Array) yield chunk;
  await fed;
}
