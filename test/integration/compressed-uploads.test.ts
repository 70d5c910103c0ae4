import { spawnSync } from "node:child_process";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { line, problemOf, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${line({ title: `${from + index}` })}\n`).join("");
const hundred = lines(1, 100);

async function upload(coding: string, parts: readonly Uint8Array[]) {
  const { id } = await createVectorLibrary(server.url);
  return uploadTo(uploadUrl(server.url, id), Uint8Array.from(Buffer.concat(parts)), { "content-encoding": coding });
}

/** What a program of Debian's makes of the text. */
function compressedBy(program: string, args: readonly string[], input: string): Buffer {
  const { status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1024 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${program}: ${stderr.toString()}`);
  return stdout;
}

describe("An upload as people compress it", () => {
  const programs: readonly (readonly [string, string, readonly string[]])[] = [
    ["zstd", "zstd", ["-c"]],
    ["zstd", "zstd", ["-19", "--no-check", "-c"]],
    ["zstd", "pzstd", ["-c", "-p", "2"]],
    ["gzip", "gzip", ["-c"]],
    ["gzip", "pigz", ["-c", "-p", "2"]],
    ["gzip", "pigz", ["-c", "-i", "-b", "128"]],
    ["deflate", "pigz", ["-c", "--zlib"]],
    ["br", "brotli", ["-c"]],
  ];
  for (const [coding, program, args] of programs) {
    it(`by ${program} ${args.join(" ")} is read to its end`, async () => {
      // Long enough for more than one block of each.
      const body = lines(1, 4_000);
      const { successful, aborted } = await resultsOf(upload(coding, [compressedBy(program, args, body)]));
      expect({ successful, aborted }).toEqual({ successful: 4_000, aborted: undefined });
    });
  }

  const appending: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    zstd: ["zstd", ["-c"]],
    gzip: ["gzip", ["-c"]],
  };
  for (const [coding, [program, args]] of Object.entries(appending)) {
    it(`by ${program} once more for each part, appended to one file, is read to its end`, async () => {
      const parts = [lines(1, 10), lines(11, 1), "", lines(12, 500)];
      const { results } = await resultsOf(
        upload(
          coding,
          parts.map((part) => compressedBy(program, args, part)),
        ),
      );
      expect(results.map((result) => (result.success ? result.title : result.error))).toEqual(
        Array.from({ length: 511 }, (_, index) => `${index + 1}`),
      );
    });
  }

  it("as many frames of zstd, one a line, is read to its end", async () => {
    const frames = Array.from({ length: 2_000 }, (_, index) => zstdCompressSync(`${line({ title: `${index}` })}\n`));
    expect(await resultsOf(upload("zstd", frames))).toMatchObject({ successful: 2_000, failed: 0 });
  });

  it("as deflate without its header is read, as with it", async () => {
    for (const compress of [deflateSync, deflateRawSync]) {
      expect(await resultsOf(upload("deflate", [compress(hundred)]))).toMatchObject({ successful: 100 });
    }
  });

  it("with gzip padded with zeros is read", async () => {
    const answer = await resultsOf(upload("gzip", [gzipSync(hundred), Buffer.alloc(512)]));
    expect(answer).toMatchObject({ successful: 100, failed: 0 });
    expect(answer.aborted).toBeUndefined();
  });
});

describe("An upload in which something follows the compressed stream", () => {
  const cases: readonly (readonly [string, string, readonly Uint8Array[]])[] = [
    ["br", "another stream", [brotliCompressSync(hundred), brotliCompressSync(hundred)]],
    ["br", "a line end", [brotliCompressSync(hundred), Buffer.from("\n")]],
    ["deflate", "another stream", [deflateSync(hundred), deflateSync(hundred)]],
    ["deflate", "zeros", [deflateSync(hundred), Buffer.alloc(4)]],
    ["deflate", "bytes behind bare deflate", [deflateRawSync(hundred), Buffer.from("x")]],
    ["gzip", "zeros and another member", [gzipSync(hundred), Buffer.alloc(4), gzipSync(hundred)]],
    ["zstd", "garbage", [zstdCompressSync(hundred), Buffer.from("garbage")]],
    ["zstd", "zeros", [zstdCompressSync(hundred), Buffer.alloc(8)]],
    ["zstd", "half a frame", [zstdCompressSync(hundred), zstdCompressSync(hundred).subarray(0, 5)]],
  ];
  for (const [coding, what, parts] of cases) {
    it(`in ${coding}, such as ${what}, ends with invalid_encoding behind the lines before`, async () => {
      const { successful, aborted } = await resultsOf(upload(coding, parts));
      expect({ successful, aborted }).toMatchObject({ successful: 100, aborted: { error_code: "invalid_encoding" } });
      expect(aborted?.error).toMatch(new RegExp(`^The ${coding} body is corrupt`));
    });
  }

  it("and that holds no line is refused as a whole", async () => {
    const answer = await upload("gzip", [gzipSync(hundred), Buffer.from("garbage")]);
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: "invalid_encoding" });
  });
});
