import { expect, it } from "vitest";
import { type FilterRow, filterOfRows, filterOfText } from "./filter-rows.ts";

const row = (field: string, operator: FilterRow["operator"], value: string): FilterRow => ({
  key: 1,
  field,
  operator,
  value,
});

it("makes a filter of rows, in which numbers are numbers and quoted ones are text", () => {
  expect(filterOfRows([row("", "=", "x")])).toEqual({ filter: undefined });
  expect(filterOfRows([row("year", "≥", "1990")])).toEqual({ filter: { year: { $gte: 1990 } } });
  expect(filterOfRows([row("code", "=", '"7"'), row("tags", "one of", "a, 2,true")])).toEqual({
    filter: { $and: [{ code: { $eq: "7" } }, { tags: { $in: ["a", 2, true] } }] },
  });
  expect(filterOfRows([row("author", "exists", "false")])).toEqual({ filter: { author: { $exists: false } } });
});

it("tells where a filter is none, in the server's words", () => {
  expect(filterOfText('{"a": {"$near": 1}}')).toMatchObject({
    fault: expect.stringMatching(/^a\.\$near: is not a filter operator/),
  });
  expect(filterOfText("[]")).toEqual({ fault: "The filter must be an object" });
  expect(filterOfText("{")).toMatchObject({ fault: expect.stringMatching(/Invalid JSON/) });
  expect(filterOfRows([row("year", ">", "true")])).toEqual({
    fault: 'year.$gt: must be a string, a finite number of at most 100 digits, or {"$date": "..."}',
  });
});
