import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sortInSteps } from "./sort-in-steps.ts";
import { finish } from "./steps.ts";

it("Items are in the order of a stable sort, and many are sorted in several steps", () => {
  const compare = (a: readonly number[], b: readonly number[]) => (a[0] ?? 0) - (b[0] ?? 0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 20_000 }), (length, values) => {
      const items = Array.from({ length }, (_each, index) => [(index * 7_919) % values, index]);
      expect(finish(sortInSteps(items, compare))).toEqual(items.toSorted(compare));
    }),
    { numRuns: 20 },
  );
  const many = Array.from({ length: 30_000 }, (_each, index) => [-index]);
  expect([...sortInSteps(many, compare)].length).toBeGreaterThan(10);
});
