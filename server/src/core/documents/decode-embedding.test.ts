import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { limits } from "@arrwdb/protocol/limits";
import { validate } from "@arrwdb/protocol/errors/validation";
import { embedding, normalize } from "@arrwdb/protocol/documents/vector";
import { decodeEmbedding } from "./decode-embedding.ts";

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e15), max: Math.fround(1e15) });
const withDirection = fc
  .array(float32, { minLength: 1, maxLength: 40 })
  .filter((numbers) => numbers.some((number) => Math.abs(number) > 1e-15));

function base64Of(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeFloatLE(number, index * 4);
  return bytes.toString("base64");
}

const faultOf = (value: unknown) => {
  try {
    const { vector } = validate(z.object({ vector: embedding }), { vector: value });
    decodeEmbedding(vector, 2, "vector");
    return "none";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const notAnEmbedding = `vector: must be an array of up to ${limits.dimension} finite numbers, or base64 of little-endian float32`;

describe("A vector on the wire", () => {
  it("is the same as numbers and as base64, and has length 1", () => {
    fc.assert(
      fc.property(withDirection, (numbers) => {
        const asNumbers = decodeEmbedding(numbers, numbers.length, "embedding");
        expect(decodeEmbedding(base64Of(numbers), numbers.length, "embedding")).toEqual(asNumbers);
        const length = Math.hypot(...numbers);
        for (const [index, number] of asNumbers.entries())
          expect(number).toBeCloseTo((numbers[index] ?? 0) / length, 6);
        expect(Math.hypot(...asNumbers)).toBeCloseTo(1, 5);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ["numbers", [3, 4], "none"],
    ["base64", base64Of([3, 4]), "none"],
    ["base64 with white space", ` ${base64Of([3, 4])}\n`, "none"],
    ["no numbers", [], notAnEmbedding],
    ["too many numbers", Array.from({ length: limits.dimension + 1 }, () => 1), notAnEmbedding],
    ["a text among the numbers", [1, "2"], notAnEmbedding],
    ["a hole among the numbers", [1, null], notAnEmbedding],
    ["a number that is not finite", [1, Number.POSITIVE_INFINITY], notAnEmbedding],
    ["an empty text", "", notAnEmbedding],
    ["too long a text", "A".repeat(limits.dimension * 6), notAnEmbedding],
    ["an object", {}, notAnEmbedding],
    ["null", null, notAnEmbedding],
    ["nothing", undefined, notAnEmbedding],
    ["what is no base64", "n@t!", "vector: is not base64 of little-endian float32 (4 bytes per number)"],
    [
      "base64 with a stray character",
      base64Of([3, 4]).replace("A", "!"),
      "vector: is not base64 of little-endian float32 (4 bytes per number)",
    ],
    ["base64 without its padding", base64Of([3, 4, 5]).replaceAll("=", "").slice(0, 11), "none"],
    ["bytes that are no whole numbers", "AAAA", "vector: is not base64 of little-endian float32 (4 bytes per number)"],
    ["another dimension", [1, 2, 3], "vector: has dimension 3, but the library's dimension is 2"],
    ["zeros", [0, 0], "vector: is a zero vector in float32, so its cosine distance is undefined"],
    [
      "numbers too small for float32",
      [1e-60, 0],
      "vector: is a zero vector in float32, so its cosine distance is undefined",
    ],
    ["a number too large for float32", [0, 1e39], "vector: number 1 is not finite in float32"],
    ["base64 of NaN", base64Of([0, Number.NaN]), "vector: number 1 is not finite in float32"],
  ])("may be %s, or is refused in words", (_, value, fault) => {
    expect(faultOf(value)).toBe(fault);
  });

  it("is the same to the last bit when it is scaled again", () => {
    fc.assert(
      fc.property(withDirection, (numbers) => {
        const once = decodeEmbedding(numbers, numbers.length, "embedding");
        expect(normalize(once)).toEqual(once);
      }),
    );
  });

  it("is left as it is when it is scaled", () => {
    const numbers = [3, 4];
    expect(normalize(numbers)).toEqual(Float32Array.of(0.6, 0.8));
    expect(numbers).toEqual([3, 4]);
  });
});
