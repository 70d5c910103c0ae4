import { expect, it } from "vitest";
import { isChosen, narrowed, toggled, valueText } from "./narrowing.ts";

it("Choosing a value narrows the filter, and choosing it again widens it", () => {
  const author = { field: "author", value: "Ada" };
  const year = { field: "year", value: 2020 };
  const both = toggled(toggled([], author), year);
  expect(narrowed(undefined, both)).toEqual({ $and: [{ author: { $in: ["Ada"] } }, { year: { $in: [2020] } }] });
  expect(narrowed({ kept: true }, toggled(both, year))).toEqual({
    $and: [{ kept: true }, { author: { $in: ["Ada"] } }],
  });
  expect(narrowed({ kept: true }, [])).toEqual({ kept: true });
  expect(narrowed(undefined, [])).toBeUndefined();
});

it("Values of one field are alternatives, and of a document there is the id", () => {
  const choices = [
    { field: "document_id", value: "a" },
    { field: "document_id", value: "b" },
  ];
  expect(narrowed(undefined, choices)).toEqual({ source_document_id: { $in: ["a", "b"] } });
});

it("Values are told apart by their type", () => {
  expect(isChosen([{ field: "year", value: "1" }], { field: "year", value: 1 })).toBe(false);
  expect(isChosen([{ field: "year", value: 2n ** 64n }], { field: "year", value: 2n ** 64n })).toBe(true);
  const texts = ["1", 1, true, "true", "", " ", "Ada", null, 10n].map(valueText);
  expect(texts).toEqual(['"1"', "1", "true", '"true"', '""', '" "', "Ada", "without a value", "10"]);
});
