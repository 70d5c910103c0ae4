import * as fc from "fast-check";
import { expect, it } from "vitest";
import { wordPlaces } from "./word-places.ts";
import { wordsOf } from "./words.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      ...Array.from("abIİßΣ 12-'é"),
      "e\u0301",
      "\u00ad",
      "\u200d",
      "ﬁ",
      "日",
      "本",
      "か\u3099",
      "ｶﾞ",
      "한",
      "\u1100\u1161",
      "\u11a8",
      "ภาษา",
      "🙂",
      " ",
      "\n",
    ),
    maxLength: 60,
  }),
);

it("has the words that are indexed, each once, wherever it can tell places", () => {
  const property = fc.property(anyText, (text) => {
    const words = wordPlaces(text).map(({ word }) => word);
    const indexed = words.length === 0 ? [] : wordsOf(text).toSorted();
    expect(words.toSorted()).toEqual(indexed);
  });
  fc.assert(property, { numRuns: 3_000 });
});

it("can tell places in texts of every language", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const property = fc.property(text, (given) => {
    expect(wordPlaces(given)).toHaveLength(wordsOf(given).length);
  });
  fc.assert(property, { numRuns: 3_000 });
});

it("leads to the word in the text as it was given", () => {
  const property = fc.property(anyText, (text) => {
    for (const { word, start, end } of wordPlaces(text)) {
      expect(start).toBeLessThan(end);
      expect(end).toBeLessThanOrEqual(text.length);
      // At the end of a word, another sigma is written.
      const shown = text
        .slice(start, end)
        .normalize("NFKC")
        .replaceAll(/\p{DI}/gu, "")
        .normalize("NFKC");
      expect(shown.toLowerCase().replaceAll("ς", "σ")).toContain(word.replaceAll("ς", "σ"));
    }
  });
  fc.assert(property, { numRuns: 3_000 });
});

it.each([
  ["Rinse it", ["Rinse", "it"]],
  ["Cafe\u0301 noir", ["Cafe\u0301", "noir"]],
  ["sub\u00adway", ["sub\u00adway"]],
  ["İstanbul ﬁn", ["İstanbul", "ﬁn"]],
  ["ΟΔΟΣ", ["ΟΔΟΣ"]],
  ["日本語", ["日", "日本", "本", "本語", "語"]],
  ["ｶﾞｽ", ["ｶﾞｽ"]],
])("finds the words of %j", (text, expected) => {
  expect(
    wordPlaces(text)
      .map(({ start, end }) => text.slice(start, end))
      .toSorted(),
  ).toEqual(expected.toSorted());
});
