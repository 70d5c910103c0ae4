import { brotliCompressSync } from "node:zlib";
import { limits } from "@arrwdb/protocol/limits";
import { expect, it } from "vitest";
import { boundedDecoding } from "./bounded-decoding.ts";
import { decodeContent } from "./decode-content.ts";

async function* sent(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}

async function decodedBytes(body: Uint8Array): Promise<number> {
  let bytes = 0;
  for await (const part of boundedDecoding(decodeContent("br", sent(body)), { bytes: body.length }, "br"))
    bytes += part.length;
  return bytes;
}

it("gives what a body holds, unless it is ever so much more than the body is long", async () => {
  expect(await decodedBytes(brotliCompressSync("\n".repeat(1_000_000)))).toBe(1_000_000);
  const bomb = brotliCompressSync("\n".repeat(limits.decodedBytes + 16 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(10_000);
  await expect(decodedBytes(bomb)).rejects.toMatchObject({ code: "invalid_encoding" });
});
