import * as fc from "fast-check";
import { expect, it } from "vitest";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { FlatVectors } from "./flat-vectors.ts";

const dimension = 12;
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("add" as const), key: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), key: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("take" as const), key: fc.nat(20) }) },
);

it("finds the nearest to each query, whatever was added, removed and taken out before", () => {
  const random = seededRandom(3);
  const property = fc.property(
    fc.array(steps, { maxLength: 150 }),
    fc.integer({ min: 1, max: 70 }),
    (script, count) => {
      const flat = new FlatVectors(dimension);
      const model = new Map<number, Float32Array>();
      for (const { kind, key } of script) {
        if (kind === "add" && !model.has(key)) {
          const vector = randomUnitVector(dimension, random);
          flat.add(key, vector);
          model.set(key, vector);
        } else if (kind === "remove") expect(flat.remove(key)).toBe(model.delete(key));
      }
      expect(flat.size).toBe(model.size);
      const queries = [0, 1, 2].map(() => randomUnitVector(dimension, random));
      const together = flat.search(queries, count);
      for (const [row, query] of queries.entries()) {
        const expected = [...model]
          .map(([key, vector]) => ({ key, distance: cosineDistance(query, vector) }))
          .toSorted((a, b) => a.distance - b.distance)
          .slice(0, count);
        expect(together[row]).toEqual(
          expected.map(({ key, distance }) => ({ key, distance: expect.closeTo(distance, 5) })),
        );
        expect(flat.search([query], count)[0]?.map(({ key }) => key)).toEqual(expected.map(({ key }) => key));
      }
    },
  );
  fc.assert(property);
});

it("compares each vector with others, nearest first, until it is told to go on with the next", () => {
  const random = seededRandom(5);
  const property = fc.property(fc.nat(40), fc.nat(9), fc.integer({ min: 1, max: 10 }), (size, count, wanted) => {
    const flat = new FlatVectors(dimension, 1);
    const own = Array.from({ length: size }, () => randomUnitVector(dimension, random));
    for (const [key, vector] of own.entries()) flat.add(key, vector);
    const others = Array.from({ length: count }, () => randomUnitVector(dimension, random));
    const seen = own.map((): { other: number; distance: number }[] => []);
    flat.compare(others, (key, other, distance) => (seen[key]?.push({ other, distance }) ?? 0) < wanted);
    const expected = own.map((vector) =>
      others
        .map((each, other) => ({ other, distance: cosineDistance(vector, each) }))
        .toSorted((a, b) => a.distance - b.distance)
        .slice(0, wanted)
        .map(({ other, distance }) => ({ other, distance: expect.closeTo(distance, 5) })),
    );
    expect(seen).toEqual(expected);
  });
  fc.assert(property);
});

it("holds each key once", () => {
  const flat = new FlatVectors(2);
  flat.add(1, Float32Array.of(1, 0));
  expect(() => flat.add(1, Float32Array.of(0, 1))).toThrow("1");
});
