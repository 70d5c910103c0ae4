import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bitmap, gone } from "./bitmap.ts";

/** Sets that have few numbers, many, or all of a range, in one container or several. */
const sets = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 200_000 }).map((number) => [number]),
      fc
        .record({
          from: fc.constantFrom(0, 60_000, 65_536, 130_000),
          size: fc.constantFrom(10, 4_095, 4_096, 4_097, 9_000),
          step: fc.integer({ min: 1, max: 7 }),
        })
        .map(({ from, size, step }) => Array.from({ length: size }, (_, index) => from + index * step)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => new Set(parts.flat()));

const ascending = (numbers: Iterable<number>) => [...numbers].toSorted((a, b) => a - b);

function added(numbers: ReadonlySet<number>): Bitmap {
  const bitmap = new Bitmap();
  for (const number of ascending(numbers)) bitmap.add(number);
  return bitmap;
}

const filled = (numbers: ReadonlySet<number>) => Bitmap.of([Uint32Array.from(numbers), Uint32Array.from(numbers)]);

/** The numbers, once it is sure that it counts them right. */
function numbersOf(bitmap: Bitmap): readonly number[] {
  const numbers = [...bitmap.toArray()];
  expect(bitmap.size).toBe(numbers.length);
  return numbers;
}

describe("A bitmap", () => {
  it("is a set of numbers, however it was made", () => {
    fc.assert(
      fc.property(sets, sets, fc.boolean(), fc.boolean(), (a, b, first, second) => {
        const one = first ? added(a) : filled(a);
        const other = second ? added(b) : filled(b);
        expect(numbersOf(one)).toEqual(ascending(a));
        expect(numbersOf(one.and(other))).toEqual(ascending(a.intersection(b)));
        expect(numbersOf(one.andNot(other))).toEqual(ascending(a.difference(b)));
        expect(numbersOf(Bitmap.union([one, other, new Bitmap()]))).toEqual(ascending(a.union(b)));
        expect(numbersOf(one)).toEqual(ascending(a));
        expect(numbersOf(other)).toEqual(ascending(b));
      }),
      { numRuns: 40 },
    );
  });

  it("has what was added and not deleted", () => {
    fc.assert(
      fc.property(sets, sets, fc.boolean(), (a, b, dense) => {
        const bitmap = dense ? filled(a) : added(a);
        for (const number of b) bitmap.delete(number);
        const rest = a.difference(b);
        expect(numbersOf(bitmap)).toEqual(ascending(rest));
        for (const number of a.union(b)) if (bitmap.has(number) !== rest.has(number)) expect.fail(`${number}`);
        bitmap.add(300_000);
        bitmap.add(300_000);
        expect(numbersOf(bitmap)).toEqual([...ascending(rest), 300_000]);
        expect(bitmap.has(400_000)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it("has all numbers below a bound", () => {
    for (const end of [0, 1, 31, 32, 33, 65_535, 65_536, 65_537, 140_001])
      expect(numbersOf(Bitmap.below(end))).toEqual(Array.from({ length: end }, (_, index) => index));
  });

  it("gives its numbers anew", () => {
    const numbers = new Uint32Array(10).fill(gone);
    numbers.set([0, 1, 2], 3);
    expect(numbersOf(added(new Set([1, 3, 5, 9])).renumbered(numbers))).toEqual([0, 2]);
  });

  it("takes little memory", () => {
    expect(added(new Set([1, 100_000])).bytes).toBeLessThan(500);
    expect(Bitmap.below(1_000_000).bytes).toBeLessThan(150_000);
  });
});
