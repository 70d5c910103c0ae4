import * as fc from "fast-check";
import { expect, it } from "vitest";
import { randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { finish } from "../../../scheduling/steps.ts";
import { CodeRows } from "./code-rows.ts";
import { encode } from "./codes.ts";

const dimension = 24;
const random = seededRandom(31);
const newCode = () => encode(randomUnitVector(dimension, random)).bytes;

const distanceOf = (a: Int8Array, b: Int8Array) =>
  1 - a.reduce((sum, number, index) => sum + number * (b[index] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

function nearest(model: ReadonlyMap<number, Int8Array>, query: Int8Array, count: number) {
  return [...model]
    .map(([key, code]) => ({ key, distance: distanceOf(query, code) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ distance }) => expect.closeTo(distance, 4));
}

const distances = (found: readonly { readonly distance: number }[] | undefined) =>
  found?.map(({ distance }) => distance);

it("holds and compares what a map would, whatever comes and goes", () => {
  const step = fc.record({ kind: fc.constantFrom("add", "add", "remove"), key: fc.nat({ max: 60 }) });
  const property = fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 80 }), (script, count) => {
    const rows = new CodeRows(dimension);
    const model = new Map<number, Int8Array>();
    for (const { kind, key } of script) {
      if (kind === "remove") expect(rows.remove(key)).toBe(model.delete(key));
      else if (!model.has(key)) {
        const code = newCode();
        rows.add(key, code);
        model.set(key, code);
      }
    }
    expect(rows.size).toBe(model.size);
    expect(new Set(rows.keys())).toEqual(new Set(model.keys()));
    for (const [key, code] of model) expect(rows.code(key)).toEqual(code);
    const queries = [newCode(), newCode()];
    for (const [place, found] of rows.search(queries, count).entries()) {
      expect(distances(found)).toEqual(nearest(model, queries[place] ?? newCode(), count));
    }
    const some = new Map([...model].filter(([key]) => key % 3 === 0));
    const query = newCode();
    expect(distances(rows.compare(query, [...some.keys(), 1_000], count))).toEqual(nearest(some, query, count));
  });
  fc.assert(property, { numRuns: 60 });
});

it("works on across its segments, and comes back from a file as it was", () => {
  const rows = new CodeRows(dimension);
  const codes = Array.from({ length: 9_000 }, newCode);
  for (const [key, code] of codes.entries()) rows.add(key, code);
  for (let key = 0; key < 9_000; key += 2) rows.remove(key);
  const query = codes[4_001] ?? newCode();
  expect(rows.search([query], 3)[0]?.[0]).toMatchObject({ key: 4_001 });
  expect(
    rows.compare(
      query,
      codes.keys().filter((key) => key !== 4_001),
      1,
    )[0]?.key,
  ).not.toBe(4_001);

  const bytes = Buffer.concat([...rows.blocks()].map((block) => Buffer.from(block)));
  const restored = new CodeRows(dimension);
  let from = 0;
  finish(
    restored.restore(BigUint64Array.from(rows.keys(), BigInt), (block) => {
      block.set(new Int8Array(bytes.buffer, bytes.byteOffset + from, block.length));
      from += block.length;
    }),
  );
  expect(restored.keys()).toEqual(rows.keys());
  expect(restored.search([query], 50)).toEqual(rows.search([query], 50));
  restored.add(9_000, query);
  expect(
    restored
      .search([query], 2)[0]
      ?.map(({ key }) => key)
      .toSorted(),
  ).toEqual([4_001, 9_000]);
});
