import { textLanguage } from "@arrwdb/protocol/documents/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Analyzer } from "./text-analyzer.ts";
import { wordsOf } from "./words.ts";

const english = new Analyzer("en");

describe("wordsOf", () => {
  it("splits where a script has no spaces", () => {
    expect(wordsOf("Hello, World-wide 3.14 don't")).toEqual(["hello", "world", "wide", "3", "14", "don", "t"]);
    expect(wordsOf("東京都に")).toEqual(["東京", "京都", "都に", "東", "京", "都"]);
    expect(wordsOf("ラーメン。")).toEqual(["ラー", "ーメ", "メン"]);
    expect(wordsOf("茶")).toEqual(["茶"]);
    expect(wordsOf("서울 시")).toEqual(["서울", "시"]);
    expect(wordsOf("ฉันรักภาษาไทย").length).toBeGreaterThan(2);
    expect(wordsOf("vector数据库v2")).toEqual(["vector", "数据", "据库", "数", "据", "库", "v2"]);
  });

  it("passes over what nobody sees", () => {
    const hidden = [
      "\u00ad",
      "\u034f",
      "\u061c",
      "\u200b",
      "\u200c",
      "\u200d",
      "\u200e",
      "\u202e",
      "\u2060",
      "\u2063",
      "\u2066",
    ];
    for (const one of [...hidden, "\u180e", "\u3164", "\ufe0f", "\ufeff", "\u{e0020}", "\u{e0101}"]) {
      expect(wordsOf(`${one}Zusam${one}men${one} ar${one}${one}beit`)).toEqual(["zusammen", "arbeit"]);
      expect(wordsOf(`re${one}\u0301sume`)).toEqual(["r\u00e9sume"]);
      expect(wordsOf(`\u0641${one}\u064a \u6771${one}\u4eac`)).toEqual(wordsOf("\u0641\u064a \u6771\u4eac"));
      expect(wordsOf(`${one} - ${one}`)).toEqual([]);
    }
    expect(wordsOf("\u2764\ufe0f love")).toEqual(["love"]);
  });

  it("gives words of letters, digits and marks, in lower case, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const word of wordsOf(text.toWellFormed())) expect(word).toMatch(/^[\p{L}\p{M}\p{N}]+$/u);
      }),
    );
  });
});

describe("Analyzer", () => {
  it("finds forms of a word by each other, in the library's language", () => {
    const alike = (language: ConstructorParameters<typeof Analyzer>[0], ...words: string[]) => {
      const analyzer = new Analyzer(language);
      return new Set(words.flatMap((word) => analyzer.terms(word))).size === 1;
    };
    expect(alike("en", "vibration", "Vibrations", "vibrating", "VIBRATED")).toBe(true);
    expect(alike("en", "résumé", "resume", "Résumés")).toBe(true);
    expect(alike("de", "Häuser", "Haus", "häusern")).toBe(true);
    expect(alike("fr", "chevaux", "cheval")).toBe(true);
    expect(alike("en", "книги", "книга")).toBe(true);
    expect(alike("none", "books", "book")).toBe(false);
    expect(alike("none", "Müller", "muller")).toBe(true);
  });

  it.each(textLanguage.options)("has the stemmer and the stop words of each language: %s", (language) => {
    const analyzer = new Analyzer(language);
    expect(analyzer.terms("Wort слово λέξη كلمة शब्द բառ சொல்")).toHaveLength(7);
    expect([...new Analyzer(language).queryTerms("und и και في और և ஒரு Wort")]).toContain(analyzer.terms("Wort")[0]);
  });

  it("leaves words that say nothing out of a query, unless there are no others", () => {
    expect([...english.queryTerms("what is the boundary of a layer, and the layer's end?")]).toEqual([
      "boundari",
      "layer",
      "end",
    ]);
    expect([...english.queryTerms("To be or not to be")]).toEqual(["to", "be", "or", "not"]);
    expect([...english.queryTerms('?! -- "" * ^')]).toEqual([]);
    expect([...new Analyzer("none").queryTerms("the The")]).toEqual(["the"]);
  });

  it("gives terms that FTS5 takes as one token each", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const term of english.terms(text.toWellFormed())) {
          expect(term).toMatch(/^[^\p{ASCII}]*[a-z0-9]*[^.\s]*$/u);
          expect(term.length).toBeGreaterThan(0);
          expect(term.length).toBeLessThanOrEqual(64);
        }
      }),
    );
  });
});
