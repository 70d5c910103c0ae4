import * as fc from "fast-check";
import { expect, it } from "vitest";
import { byDistance, type Candidate } from "../vectors/nearest.ts";
import { RankedList } from "./ranked-list.ts";

const steps = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("add" as const), distance: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("remove" as const), key: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fill" as const) }) },
);

it("holds every chunk before its reach, whatever comes and goes", () => {
  const property = fc.property(
    fc.array(steps, { maxLength: 120 }),
    fc.integer({ min: 1, max: 12 }),
    (script, capacity) => {
      const list = new RankedList(capacity);
      let model: readonly Candidate[] = [];
      let nextKey = 0;
      for (const step of script) {
        if (step.kind === "add") {
          const candidate = { key: nextKey++, distance: step.distance };
          model = [...model, candidate].toSorted(byDistance);
          const before = list.keys;
          const place = list.add(candidate);
          expect(list.keys[place ?? -1]).toBe(place === undefined ? undefined : candidate.key);
          if (place === undefined) expect(list.keys).toEqual(before);
          const dropped = list.trim();
          expect(dropped === undefined || !list.keys.includes(dropped)).toBe(true);
        } else if (step.kind === "remove") {
          model = model.filter(({ key }) => key !== step.key);
          const before = list.keys.indexOf(step.key);
          const { place, keys } = list.remove(new Set([step.key]));
          expect([place, keys]).toEqual(before === -1 ? [Infinity, []] : [before, [step.key]]);
        } else {
          const nearest = model.slice(0, capacity);
          const distances = nearest.map(({ distance }) => distance);
          list.replace(
            nearest.map(({ key }) => key),
            distances,
            model.length < capacity,
          );
        }
        const first = model.slice(0, list.keys.length);
        expect(list.keys).toEqual(first.map(({ key }) => key));
        expect(list.distances).toEqual(first.map(({ distance }) => distance));
        expect(list.keys.length).toBeLessThanOrEqual(capacity);
        if (list.complete) expect(list.keys).toHaveLength(model.length);
        for (const { distance } of model.slice(list.keys.length)) expect(distance).toBeGreaterThanOrEqual(list.bound);
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});
