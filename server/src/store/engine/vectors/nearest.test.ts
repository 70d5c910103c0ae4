import * as fc from "fast-check";
import { expect, it } from "vitest";
import { byDistance, Nearest } from "./nearest.ts";

it("keeps the nearest of any number of candidates, the first added of those that are equally near", () => {
  const candidates = fc.uniqueArray(fc.record({ key: fc.nat(1_000), distance: fc.nat(20) }), {
    selector: ({ key }) => key,
    maxLength: 400,
  });
  const property = fc.property(candidates, fc.integer({ min: 1, max: 30 }), (all, limit) => {
    const nearest = new Nearest(limit);
    for (const candidate of all) nearest.add(candidate);
    expect(nearest.sorted()).toEqual(all.toSorted(byDistance).slice(0, limit));
  });
  fc.assert(property);
});
