import { Readable } from "node:stream";
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeContent } from "./decode-content.ts";

type Compress = (data: Uint8Array) => Uint8Array;

/** Bytes as a string, which is compared at once where arrays are compared one by one. */
const told = (...parts: readonly Uint8Array[]) => Buffer.concat(parts).toString("latin1");

interface Decoded {
  readonly bytes: string;
  readonly error: string | undefined;
}

/** What comes out where the bytes arrive in these parts. */
async function decode(coding: string, parts: readonly Uint8Array[]): Promise<Decoded> {
  const out: Uint8Array[] = [];
  try {
    for await (const part of decodeContent(coding, Readable.from(parts, { objectMode: false }))) out.push(part);
    return { bytes: told(...out), error: undefined };
  } catch (error) {
    return { bytes: told(...out), error: error instanceof Error ? error.message : String(error) };
  }
}

/** Cuts the bytes at these fractions of their length. */
function cut(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...cuts.map((at) => Math.floor(at * bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, index) => {
    const part = bytes.subarray(places[index], end);
    return part.length === 0 ? [] : [part];
  });
}

function skippable(content: Uint8Array, kind: number): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

const withChecksum: Compress = (data) => zstdCompressSync(data, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const text = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(30_000)).map(([unit, times]) => {
    return new Uint8Array(Buffer.alloc(times, unit));
  }),
);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const members = (compress: Compress) => text.map((content) => ({ content, bytes: new Uint8Array(compress(content)) }));
const skipped = fc
  .tuple(fc.uint8Array({ maxLength: 30 }), fc.nat(15))
  .map(([content, kind]) => ({ content: new Uint8Array(), bytes: skippable(content, kind) }));

const several = {
  gzip: members(gzipSync),
  zstd: fc.oneof(members(zstdCompressSync), members(withChecksum), skipped),
};

for (const [coding, member] of Object.entries(several)) {
  describe(`A body of several members in ${coding}`, () => {
    const body = fc.array(member, { minLength: 1, maxLength: 6 });

    it("is decoded to its end, wherever its bytes were cut", async () => {
      await fc.assert(
        fc.asyncProperty(body, cuts, async (parts, places) => {
          const whole = Buffer.concat(parts.map(({ bytes }) => bytes));
          expect(await decode(coding, cut(whole, places))).toEqual({
            bytes: told(...parts.map(({ content }) => content)),
            error: undefined,
          });
        }),
        { numRuns: 60 },
      );
    });

    it("fails where it is cut short within one, behind what was decoded", async () => {
      await fc.assert(
        fc.asyncProperty(body, cuts, fc.double({ min: 0, max: 1, noNaN: true }), async (parts, places, at) => {
          const last = parts.at(-1);
          if (last === undefined) return;
          const before = Buffer.concat(parts.slice(0, -1).map(({ bytes }) => bytes));
          const length = 1 + Math.floor(at * (last.bytes.length - 2));
          const { bytes, error } = await decode(
            coding,
            cut(Buffer.concat([before, last.bytes.subarray(0, length)]), places),
          );
          expect(error).toBe("unexpected end of file");
          const content = told(...parts.slice(0, -1).map((part) => part.content));
          expect(bytes.slice(0, content.length)).toBe(content);
        }),
        { numRuns: 60 },
      );
    });
  });
}

const single: Readonly<Record<string, readonly [string, Compress]>> = {
  deflate: ["deflate", deflateSync],
  "bare deflate": ["deflate", deflateRawSync],
  br: ["br", brotliCompressSync],
};

for (const [name, [coding, compress]] of Object.entries(single)) {
  describe(`A body in ${name}`, () => {
    it("is decoded to its end, wherever its bytes were cut", async () => {
      await fc.assert(
        fc.asyncProperty(text, cuts, async (content, places) => {
          const parts = cut(new Uint8Array(compress(content)), places);
          expect(await decode(coding, parts)).toEqual({ bytes: told(content), error: undefined });
        }),
        { numRuns: 60 },
      );
    });

    it("fails where bytes follow its end, behind all that it holds", async () => {
      const trailer = fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        members(compress).map((m) => m.bytes),
      );
      await fc.assert(
        fc.asyncProperty(text, trailer, cuts, async (content, extra, places) => {
          const parts = cut(Buffer.concat([compress(content), extra]), places);
          expect(await decode(coding, parts)).toEqual({
            bytes: told(content),
            error: "bytes follow its end",
          });
        }),
        { numRuns: 60 },
      );
    });
  });
}

describe("A body in gzip", () => {
  const hello = Buffer.from("hello\n");

  it("may be padded with zeros, and with nothing else", async () => {
    const padded = Buffer.concat([gzipSync(hello), Buffer.alloc(70_000)]);
    for (const parts of [[padded], [gzipSync(hello), Buffer.alloc(3), Buffer.alloc(3)], cut(padded, [0.0001, 0.5])]) {
      expect(await decode("gzip", parts)).toEqual({ bytes: told(hello), error: undefined });
    }
    const member = [gzipSync(hello), Buffer.alloc(3), gzipSync(hello)];
    for (const parts of [member, [Buffer.concat(member)]]) {
      expect(await decode("gzip", parts)).toEqual({ bytes: told(hello), error: "bytes follow its end" });
    }
    expect(await decode("gzip", [gzipSync(hello), Buffer.from("garbage")])).toMatchObject({
      error: "incorrect header check",
    });
  });
});

describe("A body in zstd", () => {
  it("is refused where something else stands between its frames", async () => {
    const frame = zstdCompressSync("hello\n");
    for (const extra of [Buffer.from("garbage"), Buffer.alloc(9), gzipSync("x")]) {
      for (const parts of [[frame, extra, frame], [Buffer.concat([frame, extra, frame])]]) {
        const { bytes, error } = await decode("zstd", parts);
        expect(bytes).toBe("hello\n");
        expect(error).toMatch(/frame/i);
      }
    }
  });

  it("may have thousands of small frames, and is read no faster than it is taken", async () => {
    const frame = zstdCompressSync("x".repeat(1_000));
    let given = 0;
    const body = async function* () {
      for (let chunk = 0; chunk < 10; chunk++) {
        given++;
        yield Buffer.concat(Array.from({ length: 300 }, () => frame));
      }
    };
    let length = 0;
    for await (const part of decodeContent("zstd", body())) {
      length += part.length;
      expect(given).toBe(Math.ceil(length / 300_000));
    }
    expect(length).toBe(3_000_000);
  });
});
