import type { RankedHit } from "arrwdb-client";
import { isUuid } from "@arrwdb/protocol/documents/document-id";
import { fieldsOfMetadata, type MetadataField } from "../documents/metadata-fields.ts";
import { moment } from "../format.ts";
import { highlight } from "../highlight.ts";
import { addressOf } from "../state/route.ts";
import { CopyButton } from "./copy-button.tsx";
import { DocumentTitle } from "./document-title.tsx";
import { FieldList } from "./field-list.tsx";

/** Characters of a hit that are shown. */
const shownText = 600;

const shortened = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** Fields of the server's that are in the metadata of each hit. */
const added: ReadonlySet<string> = new Set(["created_at", "page_number", "chunk_index", "source_document_id"]);

/** The chunk's metadata as it was sent. */
const ownMetadata = ({ metadata, own_metadata }: RankedHit) =>
  own_metadata ?? Object.fromEntries(Object.entries(metadata).filter(([name]) => !added.has(name)));

/** A hit's fields by the paths that filters and facets know: of its document, and of the chunk. */
export function fieldsOfHit(hit: RankedHit): readonly MetadataField[] {
  const { author, document_type, tags, metadata } = hit.document;
  const fields = new Map<string, string>();
  if (author !== null) fields.set("author", author);
  if (document_type !== null) fields.set("document_type", document_type);
  if (tags.length > 0) fields.set("tags", tags.join(", "));
  // The chunk's fields take precedence, as in filters.
  for (const { path, text } of [...fieldsOfMetadata(metadata), ...fieldsOfMetadata(ownMetadata(hit))])
    fields.set(path, text);
  return [...fields].map(([path, text]) => ({ path, text }));
}

interface HitProps {
  readonly hit: RankedHit;
  /** The words to mark. */
  readonly query: string;
  readonly libraryId: string;
  /** When its document expires. */
  readonly expiresAt?: string | undefined;
}

/** One hit: its text, its distance, its metadata, and ways on from it. */
export function Hit({ hit, query, libraryId, expiresAt }: HitProps) {
  const { document, document_id, chunk_id } = hit;
  const page = hit.metadata.page_number;
  return (
    <article class="hit">
      <h3>
        <span class="rank">{hit.rank}</span>
        <a href={addressOf.document(libraryId, document_id)}>
          <DocumentTitle generated={document.title_generated}>
            <Marked text={document.title} query={query} />
          </DocumentTitle>
        </a>
        <Measure hit={hit} />
      </h3>
      <p>
        <Marked text={shortened(hit.text, shownText)} query={query} />
      </p>
      <FieldList fields={fieldsOfHit(hit)} />
      <p class="ways">
        {!isUuid(document_id) && <span class="id">{shortened(document_id, 60)}</span>}
        {typeof page === "number" && <span>page {page}</span>}
        {expiresAt !== undefined && <span class="expires">expires {moment(expiresAt)}</span>}
        <a href={addressOf.similarPassages(libraryId, document_id, chunk_id)}>Similar to this</a>
        <a href={addressOf.similarDocuments(libraryId, document_id)}>Similar to the document</a>
        <CopyButton text={document_id} what="id" />
      </p>
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
