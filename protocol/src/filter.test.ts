import { describe, expect, it } from "vitest";
import { type Filter, type FilterRecord, filter, matches } from "./filter.ts";
import { validate } from "./validation.ts";

const record: FilterRecord = {
  title: "Deep Learning",
  author: "Ada",
  tags: ["ai", "math"],
  year: 2020,
  draft: false,
  source: null,
  created_at: "2025-10-27T06:00:00.000Z",
  deep: { er: { est: 3 } },
  "dotted.name": "yes",
};

const holding: readonly Filter[] = [
  {},
  { author: "Ada" },
  { author: "Ada", year: 2020 },
  { tags: "ai" },
  { draft: false },
  { source: null },
  { missing: null },
  { author: { $eq: "Ada" } },
  { author: { $ne: "Bob" } },
  { missing: { $ne: 1 } },
  { tags: { $ne: "art" } },
  { year: { $gt: 2019, $lt: 2021 } },
  { year: { $gte: 2020, $lte: 2020 } },
  { created_at: { $gte: "2025-10", $lt: "2025-11" } },
  { author: { $in: ["Ada", "Bob"] } },
  { tags: { $in: ["x", "math"] } },
  { missing: { $in: [null] } },
  { author: { $nin: ["Bob"] } },
  { author: { $nin: [] } },
  { missing: { $exists: false } },
  { source: { $exists: false } },
  { year: { $exists: true } },
  { tags: { $contains: "ai" } },
  { title: { $contains: "Learn" } },
  { "deep.er.est": 3 },
  { "deep.er": { $exists: true } },
  { deep: { $exists: true } },
  { "dotted.name": "yes" },
  { $and: [{ author: "Ada" }, { year: 2020 }] },
  { $or: [{ author: "Bob" }, { year: 2020 }] },
  { $not: { author: "Bob" } },
  { author: { $not: { $in: ["Bob"] } } },
];

const failing: readonly Filter[] = [
  { author: "ada" },
  { year: "2020" },
  { tags: ["ai"].join() + "x" },
  { tags: { $ne: "ai" } },
  { year: { $gt: 2020 } },
  { year: { $gt: "2019" } },
  { missing: { $lt: 1 } },
  { missing: { $gt: "" } },
  { author: { $in: [] } },
  { tags: { $nin: ["math"] } },
  { source: { $exists: true } },
  { title: { $contains: "learn" } },
  { tags: { $contains: "a" } },
  { year: { $contains: 2 } },
  { "deep.er": 3 },
  { "deep.constructor": { $exists: true } },
  { toString: { $exists: true } },
  { __proto__x: { $exists: true } },
  { $and: [{ author: "Ada" }, { year: 1 }] },
  { $or: [{ author: "Bob" }, { year: 1 }] },
  { $not: {} },
];

describe("A filter", () => {
  for (const one of holding)
    it(`holds: ${JSON.stringify(one)}`, () => expect(matches(validate(filter, one), record)).toBe(true));
  for (const one of failing)
    it(`fails: ${JSON.stringify(one)}`, () => expect(matches(validate(filter, one), record)).toBe(false));

  const refused: readonly (readonly [unknown, string])[] = [
    [[], "object"],
    ["x", "object"],
    [{ a: {} }, "a: is an empty object"],
    [{ a: [1] }, "a: must be a value"],
    [{ a: { $eq: [1] } }, "a.$eq: takes"],
    [{ a: { b: 1 } }, "a.b: is no filter operator"],
    [{ a: { $gt: true } }, "a.$gt: takes"],
    [{ a: { $in: [{}] } }, "a.$in[0]: must be"],
    [{ a: { $in: Array.from({ length: 1001 }, () => 1) } }, "a.$in: has more than 1000"],
    [{ a: { $exists: 1 } }, "a.$exists: takes true or false"],
    [{ $and: [] }, "$and: takes an array"],
    [{ $or: {} }, "$or: takes an array"],
    [{ $nor: [] }, "$nor: is no operator"],
    [{ $and: Array.from({ length: 300 }, () => ({ a: 1 })) }, "more than 256 conditions"],
    [JSON.parse(`${'{"$not":'.repeat(50)}{"a":1}${"}".repeat(50)}`), "nested more than 8"],
  ];
  for (const [one, message] of refused) {
    it(`is refused: ${JSON.stringify(one).slice(0, 60)}`, () => expect(() => validate(filter, one)).toThrow(message));
  }
});
