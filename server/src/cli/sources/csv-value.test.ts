import { describe, expect, it } from "vitest";
import { cellValue } from "./csv-value.ts";

describe("the value of a cell", () => {
  const numbers: readonly (readonly [string, number | bigint])[] = [
    ["0", 0],
    ["-7", -7],
    ["24.5", 24.5],
    ["24.50", 24.5],
    ["39.00", 39],
    ["-0.10", -0.1],
    ["0.0", 0],
    ["100", 100],
    ["1.5e-05", 0.000015],
    ["1e-05", 0.00001],
    ["1E+20", 1e20],
    ["1.0E10", 10_000_000_000],
    ["1.7976931348623157e+308", Number.MAX_VALUE],
    ["733739433195933697", 733739433195933697n],
    ["9007199254740993.00", 9007199254740993n],
  ];
  it.each(numbers)("is a number where it is one: %s", (text, number) => expect(cellValue(text)).toBe(number));

  const texts = ["007", "00.5", "+5", ".5", "5.", "1,5", "1 000", "0x10", "1_000", "NaN", "Infinity", "-", "", "1.2.3"];
  it.each([
    ...texts,
    "1e3",
    "12E5",
    "1e400",
    "1e-400",
    "1.5e-400",
    "0.1000000000000000055",
    "9007199254740993.5",
    "1.50 €",
  ])("is a text where it is none, or would be another: %s", (text) => expect(cellValue(text)).toBe(text));
});
