import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Facet } from "@arrwdb/protocol/search/facets";
import type { FoundHit } from "@arrwdb/protocol/search/search";
import type { Hit } from "./tool-arguments.ts";
import { beginningOf, unlessLarge } from "./bounded-text.ts";

/** Maximum of characters of all hits of one response, and of one hit. */
const textOfAnswer = 40_000;
const textOfHit = 4_000;
const metadataOfHit = 2_000;

/** The hits as text for a model, truncated so that one response does not fill its context. */
export function shownHits(hits: readonly FoundHit[]): Hit[] {
  const characters = Math.min(textOfHit, Math.floor(textOfAnswer / Math.max(1, hits.length)));
  return hits.map(({ rank, document_id, distance, score, text, document = {} }) => {
    const metadata = document.metadata && unlessLarge(document.metadata, metadataOfHit);
    const { title, author, source_url: url } = document;
    return {
      rank,
      document_id,
      ...(title === undefined ? {} : { title: beginningOf(title, 300) }),
      distance: distance === null ? null : rounded(distance),
      ...(score === undefined ? {} : { score: rounded(score) }),
      ...(text === undefined ? {} : { text: beginningOf(text, characters), text_truncated: text.length > characters }),
      ...(author === undefined ? {} : { author: shortened(author) }),
      ...(url === undefined ? {} : { source_url: shortened(url) }),
      ...(metadata === undefined ? {} : { metadata }),
    };
  });
}

const rounded = (value: number) => Math.round(value * 10_000) / 10_000;

const shortened = (text: string | null) => (text === null ? null : beginningOf(text, 300));

/** One hit in Markdown. */
export function hitText(hit: Hit): string {
  const { author, source_url: url, metadata } = hit;
  const facts = [
    `document ${shownDocumentId(hit.document_id)}`,
    ...(hit.score === undefined ? [] : [`score ${hit.score}`]),
    ...(hit.distance === null ? [] : [`distance ${hit.distance}`]),
    ...(author === null || author === undefined ? [] : [`by ${author}`]),
    ...(url === null || url === undefined ? [] : [url]),
    ...(metadata === undefined || Object.keys(metadata).length === 0 ? [] : [stringifyExactly(metadata)]),
  ];
  const title = hit.title === undefined ? "" : `${hit.title} `;
  return `${hit.rank}. ${title}(${facts.join(", ")})${hit.text === undefined ? "" : `\n${hit.text}`}`;
}

/** The counts of one field on a line. */
export function facetText(field: string, { values, missing, others }: Facet): string {
  const counts = values.map(({ value, count }) => `${beginningOf(String(value), 300)} (${count})`);
  if (others > 0) counts.push(`other values (${others})`);
  if (missing > 0) counts.push(`no value (${missing})`);
  return `${field}: ${counts.join(", ")}`;
}
