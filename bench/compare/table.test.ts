import { expect, test } from "vitest";
import { exampleResult } from "./example-result.ts";
import { reportOf } from "./report.ts";
import { alignTable, megabytes, milliseconds, number } from "./table.ts";

test("columns are as wide as their widest cell, numbers to the right", () => {
  expect(
    alignTable(
      ["", "rate"],
      [
        ["usearch", "4,000"],
        ["x", "1"],
      ],
    ),
  ).toBe("          rate\nusearch  4,000\nx            1");
});

test("figures have three digits at least, and what is not known has none", () => {
  expect([0.1234, 12.345, 1234.5].map(number)).toEqual(["0.12", "12.3", "1,235"]);
  expect([number(null), number(undefined), number(Number.NaN)]).toEqual(["–", "–", "–"]);
  expect([milliseconds(12), milliseconds(2500), megabytes(1_048_576)]).toEqual(["12.0 ms", "2.50 s", "1.00 MB"]);
});

test("the report has a row for each engine, and tells what was left out", () => {
  const report = reportOf(exampleResult);
  for (const { name } of exampleResult.engines) expect(report).toContain(`\n${name}`);
  expect(report).toContain("qdrant was left out: no address");
});
