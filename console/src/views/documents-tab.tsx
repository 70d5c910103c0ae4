import { signal, useSignal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { useEffect, useRef } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { emptyDraft, FilterEditor } from "../components/filter-editor.tsx";
import { NotAllowed } from "../components/not-allowed.tsx";
import { SidePanel } from "../components/side-panel.tsx";
import { mostListed, useDocumentPages } from "../documents/document-pages.ts";
import { fieldsOfMetadata } from "../documents/metadata-fields.ts";
import { count, plural } from "../format.ts";
import { knownFields, noteFields } from "../state/known-fields.ts";
import { watchedLibrary } from "../state/libraries.ts";
import { perLibrary } from "../state/per-library.ts";
import { lacking } from "../state/permission.ts";
import type { Item } from "../state/route.ts";
import { DeleteDocuments } from "./delete-documents.tsx";
import { DocumentRow } from "./document-row.tsx";
import { DocumentView } from "./document-view.tsx";

const orders = { created_at: "added", updated_at: "changed", expires_at: "expiry", title: "title" } as const;

const formOf = perLibrary(() => ({
  draft: emptyDraft(),
  field: signal("created_at"),
  descending: signal(true),
}));

interface DocumentsViewProps {
  readonly handle: LibraryHandle;
  readonly item: Item;
}

/** The documents of a library, or the one that is open. */
export function DocumentsView({ handle, item: [documentId] }: DocumentsViewProps) {
  const open = documentId !== undefined && documentId !== "";
  const wasListed = useRef(false);
  wasListed.current ||= !open;
  // The list stays as it was left while a document is open.
  return (
    <>
      {open && <DocumentView key={documentId} handle={handle} id={documentId} />}
      {wasListed.current && (
        <div hidden={open}>
          <DocumentList handle={handle} shown={!open} />
        </div>
      )}
    </>
  );
}

function DocumentList({ handle, shown }: { readonly handle: LibraryHandle; readonly shown: boolean }) {
  const { draft, field, descending } = formOf(handle.id);
  const { filter } = draft;
  const deleting = useSignal(false);
  const position = useRef<number | undefined>(undefined);
  if (shown) position.current = watchedLibrary(handle.id)?.library.seq;
  const seq = position.current;
  const sort =
    field.value === "created_at" && !descending.value ? undefined : `${descending.value ? "-" : ""}${field.value}`;
  const choice = { metadata_filter: filter.value, sort };
  const { listing, error, busy, more, refresh } = useDocumentPages(handle, choice, seq);
  const found = listing.value;
  const known = knownFields(handle.id);
  const cannotDelete = lacking("write", "deleting documents");
  const sorted = Object.entries(orders);
  useEffect(() => {
    if (found === undefined) return;
    const { documents } = found;
    const custom = documents.flatMap(({ metadata }) => fieldsOfMetadata(metadata).map(({ path }) => path));
    const some = (name: string, is: boolean) => (is ? [name] : []);
    noteFields(handle.id, [
      ...custom,
      ...some(
        "author",
        documents.some(({ author }) => author !== null),
      ),
      ...some(
        "document_type",
        documents.some(({ document_type }) => document_type !== null),
      ),
      ...some(
        "tags",
        documents.some(({ tags }) => tags.length > 0),
      ),
    ]);
  }, [found]);
  useEffect(() => {
    if (found !== undefined && shown) announce(plural(found.counted.documents, "document"));
  }, [found?.counted.documents]);
  return (
    <div class="columns">
      <SidePanel title="Order and filter">
        <div class="pair">
          <label class="field">
            Sort by
            <select value={field.value} onChange={({ currentTarget }) => (field.value = currentTarget.value)}>
              {sorted.map(([name, title]) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
              {known.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Order
            <select
              value={descending.value ? "descending" : "ascending"}
              onChange={({ currentTarget }) => (descending.value = currentTarget.value === "descending")}
            >
              <option>ascending</option>
              <option>descending</option>
            </select>
          </label>
        </div>
        <FilterEditor draft={draft} fields={known} />
        <NotAllowed id="no-deleting" reason={cannotDelete} />
        <p class="actions">
          <button
            type="button"
            disabled={cannotDelete !== undefined || found === undefined || found.counted.documents === 0}
            aria-describedby={cannotDelete === undefined ? undefined : "no-deleting"}
            onClick={() => (deleting.value = true)}
          >
            {filter.value === undefined ? "Delete all…" : "Delete what matches…"}
          </button>
        </p>
      </SidePanel>
      <div>
        <h2 class="unseen">Documents</h2>
        <Alert text={error.value} />
        {found === undefined && error.value === "" && <p class="hint">Loading…</p>}
        {found !== undefined && (
          <>
            <p class="facts counted">
              <b>{plural(found.counted.documents, "document")}</b> with {plural(found.counted.chunks, "chunk")}
              {filter.value !== undefined && " match the filter"} · position {count(found.counted.seq)}
              {seq !== undefined && seq > found.counted.seq && (
                <button type="button" class="link" onClick={refresh}>
                  Refresh
                </button>
              )}
            </p>
            {found.documents.length === 0 && (
              <p class="hint">
                {filter.value === undefined ? "This library is empty." : "No document matches the filter."}
              </p>
            )}
            <ol class="documents-list" aria-busy={busy.value}>
              {found.documents.map((document) => (
                <DocumentRow key={document.id} libraryId={handle.id} document={document} />
              ))}
            </ol>
            {found.next !== null && (
              <p class="actions pages">
                {found.documents.length < mostListed ? (
                  <button type="button" disabled={busy.value} onClick={more}>
                    More
                  </button>
                ) : (
                  <span class="hint">The first {count(mostListed)}; filter to see others.</span>
                )}
              </p>
            )}
          </>
        )}
      </div>
      {deleting.value && (
        <DeleteDocuments
          handle={handle}
          filter={filter.value}
          onClose={() => {
            deleting.value = false;
            refresh();
          }}
        />
      )}
    </div>
  );
}
