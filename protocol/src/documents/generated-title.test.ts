import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatedTitle } from "./generated-title.ts";

const word = "x".repeat(30);

describe("A title made from a text", () => {
  it.each([
    ["Whales sing.", "Whales sing."],
    ["\n \t\r\n  Whales sing. \r\nThey breathe.", "Whales sing."],
    [`${word} ${word} ${word} end`, `${word} ${word}`],
    [`${"x".repeat(40)} ${"y".repeat(39)} z`, `${"x".repeat(40)} ${"y".repeat(39)}`],
    [`${"x".repeat(40)} ${"y".repeat(40)}`, "x".repeat(40)],
    ["x".repeat(100), "x".repeat(80)],
    [`${"x".repeat(79)}😀${"x".repeat(9)}`, "x".repeat(79)],
    ["鯨".repeat(100), "鯨".repeat(80)],
    [" \n\t ", "Untitled"],
  ])("%j is %j", (text, title) => expect(generatedTitle(text)).toBe(title));

  it("is a whole beginning of a line, neither empty nor long", () => {
    const texts = fc.array(fc.oneof(fc.constantFrom(" ", "\n", "\r", "\u2028", word, "😀"), fc.string()));
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join("");
        const title = generatedTitle(text);
        expect(title).not.toBe("");
        expect(title.length).toBeLessThanOrEqual(80);
        expect(title).not.toMatch(/^\s|\s$|[\n\r\u2028]/);
        expect(text.trim() === "" || text.trimStart().startsWith(title)).toBe(true);
      }),
    );
  });
});
