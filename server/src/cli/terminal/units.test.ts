import { expect, it } from "vitest";
import { bytesInWords, counted } from "./units.ts";

it("A count agrees with its noun", () => {
  expect([0, 1, 2].map((count) => counted(count, "hit"))).toEqual(["0 hits", "1 hit", "2 hits"]);
  expect([1, 2].map((count) => counted(count, "library", "libraries"))).toEqual(["1 library", "2 libraries"]);
});

it("A size is shown in the largest unit of which it has one", () => {
  expect([1, 1_023, 1_024, 1_572_864].map(bytesInWords)).toEqual(["1 B", "1023 B", "1.0 KiB", "1.5 MiB"]);
});
