import fc from "fast-check";
import { expect, it } from "vitest";
import { ndcg } from "./ndcg.ts";

const gains = new Map([
  ["a", 3],
  ["b", 1],
]);

it("is what its definition says", () => {
  expect(ndcg(["a", "b"], gains, 10)).toBe(1);
  expect(ndcg(["b", "a"], gains, 10)).toBeCloseTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3)), 12);
  expect(ndcg(["x", "a"], gains, 10)).toBeCloseTo(3 / Math.log2(3) / (3 + 1 / Math.log2(3)), 12);
  expect(ndcg(["x", "a"], gains, 1)).toBe(0);
  expect(ndcg([], gains, 10)).toBe(0);
});

it("is best for the order of the gains", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), fc.nat(), (values, seed) => {
      const all = new Map(values.map((gain) => [`${gain}`, gain]));
      const order = [...all.keys()].toSorted((a, b) => ((Number(a) * seed) % 7) - ((Number(b) * seed) % 7));
      const best = values.toSorted((a, b) => b - a).map(String);
      expect(ndcg(best, all, 10)).toBeCloseTo(1, 12);
      expect(ndcg(order, all, 10)).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});
