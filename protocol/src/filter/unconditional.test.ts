import { describe, expect, it } from "vitest";
import type { Filter } from "./filter.ts";
import { isUnconditional } from "./unconditional.ts";

const everything: readonly Filter[] = [
  {},
  { $and: [{}] },
  { $and: [{}, { $or: [{}] }] },
  { $or: [{ year: 1 }, {}] },
  { $not: { $not: {} } },
  { $not: { $and: [{ year: 1 }, { $not: {} }] } },
];
const some: readonly Filter[] = [
  { year: 1 },
  { missing: null },
  { $and: [{}, { year: 1 }] },
  { $or: [{ year: 1 }, { year: 2 }] },
  { $not: { year: 1 } },
  { $not: {} },
  { $not: { $or: [{ year: 1 }, {}] } },
];

describe("A filter has no conditions", () => {
  it.each(everything.map((filter) => ({ filter })))("if it is $filter", ({ filter }) => {
    expect(isUnconditional(filter)).toBe(true);
  });
  it.each(some.map((filter) => ({ filter })))("but not if it is $filter", ({ filter }) => {
    expect(isUnconditional(filter)).toBe(false);
  });
});
