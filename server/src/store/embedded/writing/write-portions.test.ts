import { ArrwError } from "@arrwdb/protocol/errors/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newChunk, newDocument } from "../../../../../test/conformance/store-fixture.ts";
import { chunksPerTransaction, inPortions, portionsOf } from "./write-portions.ts";

const documentOf = (chunks: number) => newDocument({ chunks: Array.from({ length: chunks }, () => newChunk()) });

describe("Documents of one call", () => {
  it("go together as far as one transaction takes them, in their order", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2 * chunksPerTransaction }), { maxLength: 40 });
    const property = fc.property(sizes, (numbers) => {
      const documents = numbers.map(documentOf);
      const portions = portionsOf(documents);
      expect(portions.flat()).toEqual(documents);
      const counts = portions.map((portion) => portion.reduce((sum, { chunks }) => sum + chunks.length, 0));
      for (const [index, portion] of portions.entries()) {
        const [count = 0, next] = [counts[index], portions[index + 1]?.[0]];
        expect(portion.length === 1 || count <= chunksPerTransaction).toBe(true);
        if (next !== undefined) expect(count + next.chunks.length).toBeGreaterThan(chunksPerTransaction);
      }
    });
    fc.assert(property, { numRuns: 50 });
  });

  it("fail alone where the call that they were in fails, and as one where all do", async () => {
    const documents = [10, chunksPerTransaction, 20, 30].map(documentOf);
    const failure = new ArrwError("storage_full", "There is no room");
    const calls: number[] = [];
    const outcomes = await inPortions(documents, async (portion) => {
      calls.push(portion.length);
      if (calls.length === 2) throw failure;
      return portion.map(({ chunks }) => ({ error: { code: "internal", message: `${chunks.length} chunks` } }));
    });
    expect(calls).toEqual([1, 1, 2]);
    expect(outcomes.map((outcome) => "error" in outcome && outcome.error.message)).toEqual([
      "10 chunks",
      "There is no room",
      "20 chunks",
      "30 chunks",
    ]);
    await expect(inPortions(documents, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await inPortions([], () => Promise.reject(failure))).toEqual([]);
  });
});
