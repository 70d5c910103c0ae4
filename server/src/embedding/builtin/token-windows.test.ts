import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitWindows, windowLength } from "./token-windows.ts";

describe("Windows of a text", () => {
  it("are the text itself where it is short", () => {
    expect(splitWindows("a short text")).toEqual(["a short text"]);
  });

  it("are cut at white space and about equally long", () => {
    const text = "word ".repeat(120);
    const windows = splitWindows(text);
    expect(windows.map((window) => window.length)).toEqual([300, 300]);
    expect(windows.every((window) => window.endsWith("word "))).toBe(true);
  });

  it("never cut a surrogate pair", () => {
    expect(splitWindows(`a${"🙂".repeat(2_000)}`).every((window) => window.isWellFormed())).toBe(true);
  });

  it("leave out white space that fills a window, and nothing else", () => {
    const words = splitWindows(`begin${" ".repeat(5_000)}end`).map((window) => window.trim());
    expect(words).toEqual(["begin", "end"]);
    expect(splitWindows(" ".repeat(2_000))).toEqual([" ".repeat(windowLength)]);
  });

  it("hold every character of any text, in order", () => {
    const texts = fc.string({
      unit: fc.constantFrom("a", "é", "🙂", " ", "\n", "word"),
      minLength: 1,
      maxLength: 4_000,
    });
    fc.assert(
      fc.property(texts, (text) => {
        const windows = splitWindows(text);
        expect(windows.every((window) => window.length > 0 && window.length <= windowLength)).toBe(true);
        expect(windows.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      }),
    );
  });
});
