import type { Highlighting, HighlightField, Highlights } from "@arrwdb/protocol/search/highlight";
import type { TextLanguage } from "@arrwdb/protocol/documents/model";
import { type Analyzer, analyzerOf } from "../../text/text-analyzer.ts";
import { fragmentsOf, joined, type Span } from "./fragments.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const asHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
const unchanged = (text: string): string => text;

/** Marks the words of a query in texts: those that a search by words finds, in any inflected form. */
export class Highlighter {
  readonly #options: Highlighting;
  readonly #analyzer: Analyzer;
  readonly #terms: ReadonlySet<string>;
  readonly #escape: (text: string) => string;

  constructor(options: Highlighting, language: TextLanguage) {
    this.#options = options;
    this.#analyzer = analyzerOf(language);
    this.#terms = this.#analyzer.queryTerms(options.query);
    this.#escape = options.escape === "html" ? asHtml : unchanged;
  }

  /** @param textOf returns the text of a field */
  highlight(textOf: (field: HighlightField) => string): Highlights {
    return Object.fromEntries(this.#options.fields.map((field) => [field, this.#marked(textOf(field))]));
  }

  #marked(text: string): string[] {
    const { fragments, fragment_characters: length } = this.#options;
    const places = this.#analyzer.places(text, this.#terms);
    if (places.length === 0) return [];
    const words = joined(places);
    if (fragments === 0) return [this.#withMarks(text, { start: 0, end: text.length }, words)];
    return fragmentsOf(text, places, { count: fragments, length }).map((fragment) =>
      this.#withMarks(text, fragment, words),
    );
  }

  #withMarks(text: string, fragment: Span, words: readonly Span[]): string {
    const { before, after } = this.#options;
    const parts: string[] = [];
    let at = fragment.start;
    for (const word of words) {
      // A fragment may end in a word of a script without spaces.
      const start = Math.max(word.start, fragment.start);
      const end = Math.min(word.end, fragment.end);
      if (start >= end) continue;
      parts.push(this.#escape(text.slice(at, start)), before, this.#escape(text.slice(start, end)), after);
      at = end;
    }
    parts.push(this.#escape(text.slice(at, fragment.end)));
    return parts.join("");
  }
}
