import type { TextLanguage } from "@arrwdb/protocol/documents/model";
import { createRequire } from "node:module";
// Of the same types as those of all other languages.
import type * as englishStemmer from "@orama/stemmers/english";
import type * as englishStopwords from "@orama/stopwords/english";

/** Scripts whose words are stemmed. */
export type Script = "Latin" | "Cyrillic" | "Greek" | "Arabic" | "Devanagari" | "Armenian" | "Tamil";

/** A language with a stemmer. */
export interface Language {
  readonly scripts: readonly Script[];
  /** Takes a word in lower case. */
  readonly stem: (word: string) => string;
  /** Stop words. */
  readonly stopwords: readonly string[];
}

const load = createRequire(import.meta.url);

/**
 * Snowball's stemmer, and a matching list of stop words. Each is loaded on first use: a library needs few of them, and
 * several threads would load them all at each start.
 */
class StemmedLanguage implements Language {
  readonly #name: string;
  readonly #moreStopwords: readonly string[];
  readonly scripts: readonly Script[];
  #stem: ((word: string) => string) | undefined;

  /** @param name in the packages of stemmers and of stop words */
  constructor(name: string, scripts: readonly Script[], moreStopwords: readonly string[] = []) {
    this.#name = name;
    this.scripts = scripts;
    this.#moreStopwords = moreStopwords;
  }

  get stem(): (word: string) => string {
    if (this.#stem !== undefined) return this.#stem;
    const { stemmer }: typeof englishStemmer = load(`@orama/stemmers/${this.#name}`);
    this.#stem = stemmer;
    return stemmer;
  }

  get stopwords(): readonly string[] {
    const { stopwords }: typeof englishStopwords = load(`@orama/stopwords/${this.#name}`);
    return [...this.#moreStopwords, ...stopwords];
  }
}

export const languages: Readonly<Record<Exclude<TextLanguage, "none">, Language>> = {
  ar: new StemmedLanguage("arabic", ["Arabic"]),
  bg: new StemmedLanguage("bulgarian", ["Cyrillic"]),
  da: new StemmedLanguage("danish", ["Latin"]),
  de: new StemmedLanguage("german", ["Latin"]),
  el: new StemmedLanguage("greek", ["Greek"]),
  en: new StemmedLanguage("english", ["Latin"], ["a"]),
  es: new StemmedLanguage("spanish", ["Latin"]),
  fi: new StemmedLanguage("finnish", ["Latin"]),
  fr: new StemmedLanguage("french", ["Latin"]),
  ga: new StemmedLanguage("irish", ["Latin"]),
  hi: new StemmedLanguage("indian", ["Devanagari"]),
  hu: new StemmedLanguage("hungarian", ["Latin"]),
  hy: new StemmedLanguage("armenian", ["Armenian"]),
  id: new StemmedLanguage("indonesian", ["Latin"]),
  it: new StemmedLanguage("italian", ["Latin"]),
  lt: new StemmedLanguage("lithuanian", ["Latin"]),
  ne: new StemmedLanguage("nepali", ["Devanagari"]),
  nl: new StemmedLanguage("dutch", ["Latin"]),
  no: new StemmedLanguage("norwegian", ["Latin"]),
  pt: new StemmedLanguage("portuguese", ["Latin"]),
  ro: new StemmedLanguage("romanian", ["Latin"]),
  ru: new StemmedLanguage("russian", ["Cyrillic"]),
  sa: new StemmedLanguage("sanskrit", ["Devanagari"]),
  sr: new StemmedLanguage("serbian", ["Latin", "Cyrillic"]),
  sv: new StemmedLanguage("swedish", ["Latin"]),
  ta: new StemmedLanguage("tamil", ["Tamil"]),
  tr: new StemmedLanguage("turkish", ["Latin"]),
  uk: new StemmedLanguage("ukrainian", ["Cyrillic"]),
};
