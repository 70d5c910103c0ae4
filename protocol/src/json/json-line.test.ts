import { describe, expect, it } from "vitest";
import { parseExactly } from "./exact-json.ts";
import { jsonLine } from "./json-line.ts";

describe("A line of JSON", () => {
  it("holds no character that ends a line for anybody, and is read as what was written", () => {
    const ends = ["\n", "\r", "\v", "\f", "\u001c", "\u001d", "\u001e", "\u0085", "\u2028", "\u2029"];
    const value = { [`name${ends.join("")}`]: ends.map((end) => `one${end}two`), whole: 2n ** 64n };
    const line = jsonLine(value);
    expect(ends.filter((end) => line.slice(0, -1).includes(end))).toEqual([]);
    expect(line.endsWith("\n")).toBe(true);
    expect(parseExactly(line)).toEqual(value);
  });
});
