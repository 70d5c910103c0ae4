import { highlightingOf, type Highlighting } from "@arrwdb/protocol/search/highlight";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { analyzerOf } from "../../text/text-analyzer.ts";
import { Highlighter } from "./highlighter.ts";

const options = (query: string, changes: Partial<Highlighting> = {}): Highlighting => {
  const given = highlightingOf(true, query);
  if (given === undefined) throw new Error("There is a query");
  return { ...given, fields: ["text"], before: "\u0002", after: "\u0003", ...changes };
};
const marked = (text: string, query: string, changes: Partial<Highlighting> = {}): readonly string[] =>
  new Highlighter(options(query, changes), "en").highlight(() => text).text ?? [];

const english = analyzerOf("en");
// oxlint-disable-next-line no-control-regex -- no text of these tests has these marks
const marks = /\u0002([^\u0003]*)\u0003/g;
const withoutMarks = (part: string) => part.replaceAll(marks, "$1");
const wordsIn = (part: string) => Array.from(part.matchAll(marks), ([, word = ""]) => word);

const word = fc.constantFrom(
  ..."rinse Rinsing rinsed filter filters the a Café cafe\u0301 naïve 東京 東京都 E-4013 invoice's <b> & 🙂 sub\u00adway ﬁlter".split(
    " ",
  ),
);
const text = fc.array(word, { maxLength: 120 }).map((words) => words.join(" "));
const query = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));

it("gives the text back if the marks are removed from all of it", () => {
  const property = fc.property(text, query, (given, asked) => {
    const parts = marked(given, asked, { fragments: 0 });
    expect(parts.map(withoutMarks)).toEqual(parts.length === 0 ? [] : [given]);
  });
  fc.assert(property, { numRuns: 300 });
});

it("marks the words of the query in any form, and no others", () => {
  const property = fc.property(text, query, (given, asked) => {
    const terms = english.queryTerms(asked);
    const [part = given] = marked(given, asked, { fragments: 0 });
    for (const found of wordsIn(part)) expect(english.terms(found).some((term) => terms.has(term))).toBe(true);
    const rest = part.replaceAll(marks, " ");
    for (const term of english.terms(rest)) expect(terms.has(term)).toBe(false);
  });
  fc.assert(property, { numRuns: 300 });
});

it("gives a few parts of a text with marks, in order, as long as they may be", () => {
  const bounds = fc.record({
    fragments: fc.integer({ min: 1, max: 5 }),
    fragment_characters: fc.integer({ min: 20, max: 200 }),
  });
  const property = fc.property(text, query, bounds, (given, asked, { fragments, fragment_characters: length }) => {
    const parts = marked(given, asked, { fragments, fragment_characters: length });
    const whole = marked(given, asked, { fragments: 0 });
    expect(parts.length).toBeLessThanOrEqual(fragments);
    expect(parts.length > 0).toBe(whole.length > 0);
    let at = 0;
    for (const part of parts) {
      const place = given.indexOf(withoutMarks(part), at);
      expect(place).toBeGreaterThanOrEqual(at);
      at = place + withoutMarks(part).length;
      expect(withoutMarks(part).length).toBeLessThanOrEqual(length);
      expect(wordsIn(part).length).toBeGreaterThan(0);
    }
  });
  fc.assert(property, { numRuns: 1_000 });
});

it("escapes the text for HTML, but no marks", () => {
  const asked = { before: "<em>", after: "</em>", escape: "html" as const };
  expect(marked(`<b>"Rinse" & dry</b>, Ada's`, "rinsing", asked)).toEqual([
    "&lt;b&gt;&quot;<em>Rinse</em>&quot; &amp; dry&lt;/b&gt;, Ada&#39;s",
  ]);
});

it("prefers the part with the most different words", () => {
  const filler = "and so on, with nothing to be found in it at all, ".repeat(5);
  const given = `water water water ${filler} pump and water ${filler} water`;
  const [only = ""] = marked(given, "water pumps", { fragments: 1, fragment_characters: 60 });
  expect(wordsIn(only)).toEqual(["pump", "water"]);
  const all = marked(given, "water pumps", { fragments: 3, fragment_characters: 60 });
  expect(all.map((part) => wordsIn(part).length)).toEqual([3, 2, 1]);
});

it("marks runs of characters of scripts without spaces as one", () => {
  expect(marked("私は東京都に住む", "東京", { before: "[", after: "]" })).toEqual(["私は[東京]都に住む"]);
});

it("ends parts between words", () => {
  const [part = ""] = marked(`${"several words ".repeat(20)}needle${" several words".repeat(20)}`, "needle", {
    fragment_characters: 50,
    fragments: 1,
  });
  expect(part).toMatch(/^(?:several|words) .*(?:several|words)$/);
});

it.each(["กี่", "e\u0301", "👩‍👩‍👧", "👍🏽", "𠮷", "か\u3099"])("does not divide %s, which is one character", (one) => {
  for (let length = 20; length < 40; length++) {
    const given = `${one.repeat(60)}-needle-${one.repeat(60)}`;
    const [part = ""] = marked(given, "needle", { fragment_characters: length, before: ",", after: "," });
    expect(part.replaceAll(one, "")).toBe("-,needle,-");
  }
});
