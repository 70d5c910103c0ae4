import * as fc from "fast-check";
import { expect, it } from "vitest";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { encode, leastDistance } from "./codes.ts";

function codeDistance(a: Int8Array, b: Int8Array): number {
  const product = a.reduce((sum, number, index) => sum + number * (b[index] ?? 0), 0);
  const length = (code: Int8Array) => Math.hypot(...code);
  return 1 - product / (length(a) * length(b));
}

it("never says that a vector is farther than it is, whatever its numbers are like", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 300 }),
    fc.integer(),
    fc.double({ min: 1, max: 12, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (dimension, seed, power, nearness) => {
      const random = seededRandom(seed);
      // A high power makes a few numbers much greater than the others, which bytes hold worst.
      const skewed = () => {
        const vector = randomUnitVector(dimension, random).map(
          (number) => Math.sign(number) * Math.abs(number) ** power,
        );
        const length = Math.hypot(...vector);
        return length > 0 ? vector.map((number) => number / length) : randomUnitVector(dimension, random);
      };
      const a = skewed();
      const other = skewed();
      const mixed = a.map((number, index) => nearness * number + (1 - nearness) * (other[index] ?? 0));
      const length = Math.hypot(...mixed);
      const b = length > 0.01 ? mixed.map((number) => number / length) : other;
      const [codeA, codeB] = [encode(a), encode(b)];
      const least = leastDistance(codeDistance(codeA.bytes, codeB.bytes), codeA.angle + codeB.angle);
      expect(least).toBeLessThanOrEqual(cosineDistance(a, b) + 1e-5);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

it("is close where numbers are spread as those of models are", () => {
  const random = seededRandom(4);
  for (let round = 0; round < 20; round++) expect(encode(randomUnitVector(1_024, random)).angle).toBeLessThan(0.01);
});
