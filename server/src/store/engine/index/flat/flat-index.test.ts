import * as fc from "fast-check";
import { expect, it } from "vitest";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { FlatSegments } from "../../vectors/flat-segments.ts";
import { FrozenFlatIndex } from "./frozen-flat-index.ts";

const dimension = 4;
const random = seededRandom(8);
const step = fc.record({ adds: fc.boolean(), key: fc.nat({ max: 60 }) });

it("Full vectors are found as by comparing them all, now and as they were, whatever comes and goes meanwhile", () => {
  const property = fc.property(
    fc.array(step, { maxLength: 120 }),
    fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 70 }),
    (script, changes, rows, count) => {
      const segments = new FlatSegments(dimension, 1, rows);
      const model = new Map<number, Float32Array>();
      const run = (steps: typeof script) => {
        for (const { adds, key } of steps) {
          if (!adds) expect(segments.remove(key)).toBe(model.delete(key));
          else if (!model.has(key)) {
            const vector = randomUnitVector(dimension, random);
            segments.add(key, vector);
            model.set(key, vector);
          }
        }
      };
      const expectWhole = () => {
        expect(segments.size).toBe(model.size);
        expect([...segments.keys()].toSorted((a, b) => a - b)).toEqual([...model.keys()].toSorted((a, b) => a - b));
        for (const [key, vector] of model) expect(segments.vector(key)).toEqual(vector);
      };
      run(script);
      expectWhole();
      const query = randomUnitVector(dimension, random);
      const nearest = (passes: (key: number) => boolean) =>
        [...model]
          .filter(([key]) => passes(key))
          .map(([key, vector]) => ({ key, distance: cosineDistance(query, vector) }))
          .toSorted((a, b) => a.distance - b.distance)
          .slice(0, count)
          .map(({ key }) => key);
      const [all, some] = [nearest(() => true), nearest((key) => key % 3 === 0)];
      const size = model.size;
      expect(segments.search([query, query], count).map((list) => list.map(({ key }) => key))).toEqual([all, all]);
      const frozen = new FrozenFlatIndex(dimension, segments.freeze());
      const thirds = new Set([...model.keys()].filter((key) => key % 3 === 0));
      const selection = { count: thirds.size, has: (key: number) => key % 3 === 0, keys: () => thirds };
      let turn = 0;
      const found = [frozen.compareAll(query, count), frozen.compareSome(query, selection, count)].map((steps) => {
        for (;;) {
          const { done, value } = steps.next();
          if (done === true) return value;
          run(changes[turn++ % changes.length] ?? []);
          expectWhole();
        }
      });
      expect(found.map(({ items }) => items.map(({ key }) => key))).toEqual([all, some]);
      expect(found.map(({ completeBelow }) => completeBelow === Infinity)).toEqual([
        count >= size,
        count >= thirds.size,
      ]);
    },
  );
  fc.assert(property, { numRuns: 100 });
});
