import type { TextLanguage } from "@arrwdb/protocol/documents/model";
import { LRUCache } from "lru-cache";
import { type Language, languages, type Script } from "./text-languages.ts";
import { wordPlaces } from "./word-places.ts";
import { wordsOf } from "./words.ts";

/** Maximum characters of a word; longer ones are ignored. */
const longestTerm = 64;
/** Capacity of the cache of stems, as most words of a text are common ones. */
const stemsKept = 20_000;

const scripts: readonly (readonly [Script, RegExp])[] = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Arabic", /\p{Script=Arabic}/u],
  ["Devanagari", /\p{Script=Devanagari}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Tamil", /\p{Script=Tamil}/u],
];

/** The stemmer of a script if the library's language uses another script. */
const byScript: Readonly<Record<Script, Language>> = {
  Latin: languages.en,
  Cyrillic: languages.ru,
  Greek: languages.el,
  Arabic: languages.ar,
  Devanagari: languages.hi,
  Armenian: languages.hy,
  Tamil: languages.ta,
};

/** Languages that use accents only in foreign words, and often omit them. */
const foreignAccents: ReadonlySet<Language> = new Set([languages.en, languages.id]);

const accents = /[\u0300-\u036f]/g;
const isAscii = (word: string) => /^[a-z0-9]*$/.test(word);

/** The word without the accents of European scripts. */
const withoutAccents = (word: string): string =>
  isAscii(word) ? word : word.normalize("NFD").replace(accents, "").normalize("NFC");

/** A term and the place of its word in a text: from `start` to before `end`. */
export interface TermPlace {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** Converts texts and queries to terms, for one language. */
export class Analyzer {
  readonly #language: Language | undefined;
  readonly #stops: ReadonlySet<string>;
  readonly #terms = new LRUCache<string, string>({ max: stemsKept });

  constructor(language: TextLanguage) {
    this.#language = language === "none" ? undefined : languages[language];
    const spoken = this.#language === undefined ? [] : [...Object.values(byScript).slice(1), this.#language];
    this.#stops = new Set(spoken.flatMap(({ stopwords }) => stopwords.flatMap(wordsOf)));
  }

  /** All terms of a text, with repetitions. */
  terms(text: string): readonly string[] {
    return wordsOf(text).map((word) => this.#term(word));
  }

  /** Where some terms are in a text, in the order of their places. */
  places(text: string, terms: ReadonlySet<string>): readonly TermPlace[] {
    return wordPlaces(text).flatMap(({ word, start, end }) => {
      const term = this.#term(word);
      return terms.has(term) ? [{ term, start, end }] : [];
    });
  }

  /**
   * The terms of a query, without repetitions. Stop words such as "the" are omitted, unless the query has only those.
   */
  queryTerms(query: string): ReadonlySet<string> {
    const words = wordsOf(query);
    const telling = words.filter((word) => !this.#stops.has(word));
    return new Set((telling.length > 0 ? telling : words).map((word) => this.#term(word)));
  }

  #term(word: string): string {
    const known = this.#terms.get(word);
    if (known !== undefined) return known;
    const term = this.#stem(word).slice(0, longestTerm).toWellFormed();
    this.#terms.set(word, term);
    return term;
  }

  #stem(word: string): string {
    const language = this.#languageOf(word);
    if (language === undefined || word.length > longestTerm) return withoutAccents(word);
    const accented = foreignAccents.has(language) ? withoutAccents(word) : word;
    // A stemmer may leave nothing of a short word.
    return withoutAccents(language.stem(accented)) || accented;
  }

  #languageOf(word: string): Language | undefined {
    if (this.#language === undefined) return undefined;
    const script = isAscii(word) ? "Latin" : scripts.find(([, letter]) => letter.test(word))?.[0];
    if (script === undefined) return undefined;
    return this.#language.scripts.includes(script) ? this.#language : byScript[script];
  }
}

const analyzers = new Map<TextLanguage, Analyzer>();

/** The analyzer of a language. */
export function analyzerOf(language: TextLanguage): Analyzer {
  const known = analyzers.get(language) ?? new Analyzer(language);
  analyzers.set(language, known);
  return known;
}
