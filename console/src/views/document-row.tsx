import type { DocumentSummary } from "arrwdb-client";
import { isUuid } from "@arrwdb/protocol/documents/document-id";
import { DocumentTitle } from "../components/document-title.tsx";
import { moment, plural } from "../format.ts";
import { addressOf } from "../state/route.ts";

interface DocumentRowProps {
  readonly libraryId: string;
  readonly document: DocumentSummary;
}

/** One document of a list. */
export function DocumentRow({ libraryId, document }: DocumentRowProps) {
  const { id, title, title_generated, author, tags, num_chunks, updated_at, expires_at } = document;
  return (
    <li>
      <a class="name" href={addressOf.document(libraryId, id)}>
        <DocumentTitle generated={title_generated}>{title}</DocumentTitle>
      </a>
      <p class="facts">
        {!isUuid(id) && (
          <span class="id name" title={id}>
            {id}
          </span>
        )}
        {author !== null && <span class="name">{author}</span>}
        {tags.length > 0 && <span class="name">{tags.join(", ")}</span>}
        <span>{plural(num_chunks, "chunk")}</span>
        <time dateTime={updated_at} title="Last changed">
          {moment(updated_at)}
        </time>
        {expires_at !== null && <span class="expires">expires {moment(expires_at)}</span>}
      </p>
    </li>
  );
}
