import { stemmer as arabicStemmer } from "@orama/stemmers/arabic";
import { stemmer as bulgarianStemmer } from "@orama/stemmers/bulgarian";
import { stemmer as danishStemmer } from "@orama/stemmers/danish";
import { stemmer as germanStemmer } from "@orama/stemmers/german";
import { stemmer as greekStemmer } from "@orama/stemmers/greek";
import { stemmer as englishStemmer } from "@orama/stemmers/english";
import { stemmer as spanishStemmer } from "@orama/stemmers/spanish";
import { stemmer as finnishStemmer } from "@orama/stemmers/finnish";
import { stemmer as frenchStemmer } from "@orama/stemmers/french";
import { stemmer as irishStemmer } from "@orama/stemmers/irish";
import { stemmer as indianStemmer } from "@orama/stemmers/indian";
import { stemmer as hungarianStemmer } from "@orama/stemmers/hungarian";
import { stemmer as armenianStemmer } from "@orama/stemmers/armenian";
import { stemmer as indonesianStemmer } from "@orama/stemmers/indonesian";
import { stemmer as italianStemmer } from "@orama/stemmers/italian";
import { stemmer as lithuanianStemmer } from "@orama/stemmers/lithuanian";
import { stemmer as nepaliStemmer } from "@orama/stemmers/nepali";
import { stemmer as dutchStemmer } from "@orama/stemmers/dutch";
import { stemmer as norwegianStemmer } from "@orama/stemmers/norwegian";
import { stemmer as portugueseStemmer } from "@orama/stemmers/portuguese";
import { stemmer as romanianStemmer } from "@orama/stemmers/romanian";
import { stemmer as russianStemmer } from "@orama/stemmers/russian";
import { stemmer as sanskritStemmer } from "@orama/stemmers/sanskrit";
import { stemmer as serbianStemmer } from "@orama/stemmers/serbian";
import { stemmer as swedishStemmer } from "@orama/stemmers/swedish";
import { stemmer as tamilStemmer } from "@orama/stemmers/tamil";
import { stemmer as turkishStemmer } from "@orama/stemmers/turkish";
import { stemmer as ukrainianStemmer } from "@orama/stemmers/ukrainian";
import { stopwords as arabicStopwords } from "@orama/stopwords/arabic";
import { stopwords as bulgarianStopwords } from "@orama/stopwords/bulgarian";
import { stopwords as danishStopwords } from "@orama/stopwords/danish";
import { stopwords as germanStopwords } from "@orama/stopwords/german";
import { stopwords as greekStopwords } from "@orama/stopwords/greek";
import { stopwords as englishStopwords } from "@orama/stopwords/english";
import { stopwords as spanishStopwords } from "@orama/stopwords/spanish";
import { stopwords as finnishStopwords } from "@orama/stopwords/finnish";
import { stopwords as frenchStopwords } from "@orama/stopwords/french";
import { stopwords as irishStopwords } from "@orama/stopwords/irish";
import { stopwords as indianStopwords } from "@orama/stopwords/indian";
import { stopwords as hungarianStopwords } from "@orama/stopwords/hungarian";
import { stopwords as armenianStopwords } from "@orama/stopwords/armenian";
import { stopwords as indonesianStopwords } from "@orama/stopwords/indonesian";
import { stopwords as italianStopwords } from "@orama/stopwords/italian";
import { stopwords as lithuanianStopwords } from "@orama/stopwords/lithuanian";
import { stopwords as nepaliStopwords } from "@orama/stopwords/nepali";
import { stopwords as dutchStopwords } from "@orama/stopwords/dutch";
import { stopwords as norwegianStopwords } from "@orama/stopwords/norwegian";
import { stopwords as portugueseStopwords } from "@orama/stopwords/portuguese";
import { stopwords as romanianStopwords } from "@orama/stopwords/romanian";
import { stopwords as russianStopwords } from "@orama/stopwords/russian";
import { stopwords as sanskritStopwords } from "@orama/stopwords/sanskrit";
import { stopwords as serbianStopwords } from "@orama/stopwords/serbian";
import { stopwords as swedishStopwords } from "@orama/stopwords/swedish";
import { stopwords as tamilStopwords } from "@orama/stopwords/tamil";
import { stopwords as turkishStopwords } from "@orama/stopwords/turkish";
import { stopwords as ukrainianStopwords } from "@orama/stopwords/ukrainian";
import type { TextLanguage } from "@arrwdb/protocol/documents/model";

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

/** Snowball's stemmers, and matching lists of stop words. */
export const languages: Readonly<Record<Exclude<TextLanguage, "none">, Language>> = {
  ar: { scripts: ["Arabic"], stem: arabicStemmer, stopwords: arabicStopwords },
  bg: { scripts: ["Cyrillic"], stem: bulgarianStemmer, stopwords: bulgarianStopwords },
  da: { scripts: ["Latin"], stem: danishStemmer, stopwords: danishStopwords },
  de: { scripts: ["Latin"], stem: germanStemmer, stopwords: germanStopwords },
  el: { scripts: ["Greek"], stem: greekStemmer, stopwords: greekStopwords },
  en: { scripts: ["Latin"], stem: englishStemmer, stopwords: ["a", ...englishStopwords] },
  es: { scripts: ["Latin"], stem: spanishStemmer, stopwords: spanishStopwords },
  fi: { scripts: ["Latin"], stem: finnishStemmer, stopwords: finnishStopwords },
  fr: { scripts: ["Latin"], stem: frenchStemmer, stopwords: frenchStopwords },
  ga: { scripts: ["Latin"], stem: irishStemmer, stopwords: irishStopwords },
  hi: { scripts: ["Devanagari"], stem: indianStemmer, stopwords: indianStopwords },
  hu: { scripts: ["Latin"], stem: hungarianStemmer, stopwords: hungarianStopwords },
  hy: { scripts: ["Armenian"], stem: armenianStemmer, stopwords: armenianStopwords },
  id: { scripts: ["Latin"], stem: indonesianStemmer, stopwords: indonesianStopwords },
  it: { scripts: ["Latin"], stem: italianStemmer, stopwords: italianStopwords },
  lt: { scripts: ["Latin"], stem: lithuanianStemmer, stopwords: lithuanianStopwords },
  ne: { scripts: ["Devanagari"], stem: nepaliStemmer, stopwords: nepaliStopwords },
  nl: { scripts: ["Latin"], stem: dutchStemmer, stopwords: dutchStopwords },
  no: { scripts: ["Latin"], stem: norwegianStemmer, stopwords: norwegianStopwords },
  pt: { scripts: ["Latin"], stem: portugueseStemmer, stopwords: portugueseStopwords },
  ro: { scripts: ["Latin"], stem: romanianStemmer, stopwords: romanianStopwords },
  ru: { scripts: ["Cyrillic"], stem: russianStemmer, stopwords: russianStopwords },
  sa: { scripts: ["Devanagari"], stem: sanskritStemmer, stopwords: sanskritStopwords },
  sr: { scripts: ["Latin", "Cyrillic"], stem: serbianStemmer, stopwords: serbianStopwords },
  sv: { scripts: ["Latin"], stem: swedishStemmer, stopwords: swedishStopwords },
  ta: { scripts: ["Tamil"], stem: tamilStemmer, stopwords: tamilStopwords },
  tr: { scripts: ["Latin"], stem: turkishStemmer, stopwords: turkishStopwords },
  uk: { scripts: ["Cyrillic"], stem: ukrainianStemmer, stopwords: ukrainianStopwords },
};
