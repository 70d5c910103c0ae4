import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { jsonInOneLine } from "@arrwdb/protocol/json/json-line";
import type { Highlight } from "@arrwdb/protocol/search/highlight";
import type { FoundHit } from "@arrwdb/protocol/search/search";
import { excerptOf, withMarks } from "./excerpt.ts";
import { plain, style } from "./terminal-output.ts";

const excerptLength = 220;

/** Characters for private use, which become a style of the terminal. */
const [before, after] = ["\u{E000}", "\u{E001}"];
const marked = new RegExp(`${before}([^${after}]*)${after}`, "gu");

/** How the server marks words for `hitLines`. */
export const terminalHighlight: Highlight = {
  fields: ["text", "title"],
  before,
  after,
  fragments: 3,
  fragment_characters: excerptLength,
  escape: "none",
};

const shownMark = (text: string) => style(["bold", "yellow"], text);

const withStyle = (part: string) => plain(part).replaceAll(marked, (_all, word: string) => shownMark(word));

/**
 * A hit on two lines: its place, its score or its distance, and its document, then the part of its text that the search is
 * about, or a line for each part that the server has marked.
 */
export function hitLines(hit: FoundHit, query: string): string {
  const { rank, distance, score, document, text, highlights } = hit;
  const place = `${String(rank).padStart(3)}  ${style("cyan", (score ?? distance)?.toFixed(3) ?? "")}`;
  const title = highlights?.title?.[0] ?? document?.title;
  const shownTitle = title === undefined ? [] : [style("bold", withStyle(title))];
  const head = [place, ...shownTitle, style("dim", shownDocumentId(hit.document_id))].join("  ");
  const parts = highlights?.text?.map(withStyle) ?? [];
  const own = parts.length > 0 || text === undefined ? parts : [excerptIn(text, query)];
  return [head, ...own.map((part) => `     ${part}`)].join("\n");
}

const excerptIn = (text: string, query: string) => withMarks(excerptOf(plain(text), query, excerptLength), shownMark);

/** Fields of a hit that `hitLines` does not show, on a line. */
export function fieldLine({ metadata, own_metadata, document, embedding }: FoundHit): string {
  const { title: _title, ...others } = document ?? {};
  const shown = { ...others, ...(metadata === undefined ? {} : { chunk: metadata }), own_metadata, embedding };
  return style("dim", `     ${plain(jsonInOneLine(shown))}`);
}
