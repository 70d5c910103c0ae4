import { expect, it } from "vitest";
import { paired } from "./pair-lists.ts";

it("pairs by place, whatever the answers are", () => {
  expect(paired(["a", "b"], [1, undefined], "It")).toEqual([
    ["a", 1],
    ["b", undefined],
  ]);
  expect(paired([], [], "It")).toEqual([]);
});

it("pairs nothing where an answer is missing, left out, or too many", () => {
  const holes: number[] = [];
  holes[1] = 2;
  for (const answers of [[1], [1, 2, 3], [], holes]) {
    expect(() => paired(["a", "b"], answers, "The model")).toThrow("The model returned");
  }
});
