import { expect, it } from "vitest";
import { LiveLag } from "./live-lag.ts";

const weight = (comparisons: number, bytes = 0) => ({ comparisons, bytes });

it("holds nobody's writers until all libraries together are too far behind, and then those of the largest part", () => {
  const lag = new LiveLag();
  lag.add("large", weight(1_900_000));
  lag.add("small", weight(1_000));
  expect(lag.held()).toEqual([]);
  lag.add("large", weight(100_000));
  expect(lag.held()).toEqual(["large"]);
  lag.add("memory", weight(0, 20_000_000));
  expect(new Set(lag.held())).toEqual(new Set(["large", "memory"]));
  lag.done("memory", weight(0, 20_000_000));
  lag.done("large", weight(1_000_000));
  expect(lag.held()).toEqual([]);
});

it("holds somebody however many are behind by the same", () => {
  const lag = new LiveLag();
  for (let library = 0; library < 1_000; library++) lag.add(`${library}`, weight(2_000));
  expect(lag.held()).toHaveLength(1_000);
  lag.clear();
  expect(lag.held()).toEqual([]);
});
