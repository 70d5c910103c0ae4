import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import type { RankedHit } from "@arrwdb/protocol/search/search";
import { excerptOf, withMarks } from "./excerpt.ts";
import { plain, style } from "./terminal-output.ts";

const excerptLength = 220;

/** A hit on two lines: its place, its score or its distance, and its document, then the part of its text that the search is about. */
export function hitLines(hit: RankedHit, query: string): string {
  const { rank, distance, score, document } = hit;
  const excerpt = excerptOf(plain(hit.text), query, excerptLength);
  const text = withMarks(excerpt, (marked) => style(["bold", "yellow"], marked));
  const place = `${String(rank).padStart(3)}  ${style("cyan", (score ?? distance)?.toFixed(3) ?? "")}`;
  return `${place}  ${style("bold", plain(document.title))}  ${style("dim", shownDocumentId(hit.document_id))}\n     ${text}`;
}
