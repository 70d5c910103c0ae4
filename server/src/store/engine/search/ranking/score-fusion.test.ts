import { expect, it } from "vitest";
import { finish } from "../../../../scheduling/steps.ts";
import { fuse as fuseInSteps, type Part } from "./score-fusion.ts";

const fuse = (parts: readonly Part[]) => finish(fuseInSteps(parts));

const list = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([key, value]) => ({ key, value }));

it("adds up relative scores by weight, best first, equal ones by key", () => {
  const fused = fuse([
    { list: list([1, 10], [2, 6], [3, 2]), weight: 0.75 },
    { list: list([3, 0.9], [4, 0.5]), weight: 0.25 },
  ]);
  expect(fused).toEqual([
    { key: 1, value: 0.75 },
    { key: 2, value: 0.375 },
    { key: 3, value: 0.25 },
    { key: 4, value: 0 },
  ]);
});

it("orders by a list that counts nothing what the others say nothing of", () => {
  const near = { list: list([9, 0.9], [4, 0.5], [1, 0.1]), weight: 0 };
  expect(fuse([{ list: [], weight: 1, floor: 0 }, near]).map(({ key }) => key)).toEqual([9, 4, 1]);
  const words = { list: list([1, 3]), weight: 1, floor: 0 };
  expect(fuse([words, near]).map(({ key }) => key)).toEqual([1, 9, 4]);
});

it("takes a floor for the least there is, one member for the best, and none for nothing", () => {
  expect(fuse([{ list: list([1, 4], [2, 1]), weight: 1, floor: 0 }])).toEqual(list([1, 1], [2, 0.25]));
  expect(
    fuse([
      { list: list([7, 3]), weight: 0.5 },
      { list: [], weight: 0.5 },
    ]),
  ).toEqual(list([7, 0.5]));
});
