import { type RankedHit, stringifyJson } from "arrwdb-client";
import { highlight } from "../highlight.ts";

/** Characters of a hit that are shown. */
const shownText = 600;
/** Fields of its metadata that are shown. */
const shownFields = 8;

const shortened = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** A short summary of a hit's filterable metadata. */
function fieldsOf({ document, metadata, own_metadata }: RankedHit): readonly (readonly [string, string])[] {
  const added = new Set(["created_at", "page_number", "chunk_index", "source_document_id"]);
  const fields: [string, string][] = [];
  if (document.author !== null) fields.push(["author", document.author]);
  if (document.document_type !== null) fields.push(["document_type", document.document_type]);
  if (document.tags.length > 0) fields.push(["tags", document.tags.join(", ")]);
  const ofChunk = Object.entries(own_metadata ?? metadata).filter(
    ([name]) => own_metadata !== undefined || !added.has(name),
  );
  const custom = [...Object.entries(document.metadata), ...ofChunk];
  for (const [name, value] of custom) fields.push([name, typeof value === "string" ? value : stringifyJson(value)]);
  return fields.slice(0, shownFields);
}

interface HitProps {
  readonly hit: RankedHit;
  /** The words to mark. */
  readonly query: string;
}

/** One hit: its text, its distance, and its metadata. */
export function Hit({ hit, query }: HitProps) {
  return (
    <article class="hit">
      <h3>
        <span class="rank">{hit.rank}</span>
        <span>
          <Marked text={hit.document.title} query={query} />
        </span>
        <Measure hit={hit} />
      </h3>
      <p>
        <Marked text={shortened(hit.text, shownText)} query={query} />
      </p>
      <ul class="fields" aria-label="Metadata">
        {fieldsOf(hit).map(([name, value]) => (
          <li key={name}>
            <span>{name}</span> {shortened(value, 80)}
          </li>
        ))}
      </ul>
    </article>
  );
}

function Marked({ text, query }: { readonly text: string; readonly query: string }) {
  return highlight(text, query).map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text));
}

/** The distance as a number and as a bar: the longer, the nearer; and the score of a text or hybrid search. */
function Measure({ hit }: { readonly hit: RankedHit }) {
  return (
    <span class="measure">
      {hit.score !== undefined && (
        <span class="number" title="Keyword or hybrid score: higher is better">
          score {hit.score.toFixed(hit.score < 10 ? 2 : 1)}
        </span>
      )}
      {hit.distance !== null && (
        <>
          <meter min={0} max={1} value={Math.max(0, 1 - hit.distance)} aria-label="Similarity" />
          <span class="number" title="Cosine distance: lower is closer, 0 is identical">
            {hit.distance.toFixed(3)}
          </span>
        </>
      )}
    </span>
  );
}
