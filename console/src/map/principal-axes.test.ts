import fc from "fast-check";
import { expect, it } from "vitest";
import { principalAxes, project } from "./principal-axes.ts";

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, number, index) => sum + number * (b[index] ?? 0), 0);

it("finds the directions in which vectors differ most", () => {
  // Ten times as wide along the third axis as along the first, and not at all along the second.
  const vectors = Array.from({ length: 400 }, (_, place) =>
    Float32Array.of(Math.sin(place * 7.1), 5, 10 * Math.cos(place * 3.3)),
  );
  const { first, second } = principalAxes(vectors);
  expect(Math.abs(first[2] ?? 0)).toBeGreaterThan(0.99);
  expect(Math.abs(second[0] ?? 0)).toBeGreaterThan(0.99);
});

it("gives two directions of length 1 at right angles, and places that are numbers, whatever the vectors", () => {
  const vector = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(vector, { minLength: 1, maxLength: 40 }), (lists) => {
      const vectors = lists.map((list) => Float32Array.from(list));
      const axes = principalAxes(vectors);
      expect(dot(axes.first, axes.first)).toBeCloseTo(1, 3);
      expect(dot(axes.second, axes.second)).toBeCloseTo(1, 3);
      expect(dot(axes.first, axes.second)).toBeCloseTo(0, 3);
      for (const one of vectors) expect(project(axes, one).every(Number.isFinite)).toBe(true);
    }),
  );
});
