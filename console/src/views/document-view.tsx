import { useSignal } from "@preact/signals";
import type { Document, LibraryHandle } from "arrwdb-client";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { DocumentTitle } from "../components/document-title.tsx";
import { FieldList } from "../components/field-list.tsx";
import { changedFields, formOf } from "../documents/document-form.ts";
import { fieldsOfMetadata } from "../documents/metadata-fields.ts";
import { useOpenDocument } from "../documents/open-document.ts";
import { count, moment, plural } from "../format.ts";
import { refreshLibraries, watchedLibrary } from "../state/libraries.ts";
import { lacking } from "../state/permission.ts";
import { addressOf } from "../state/route.ts";
import { DeleteDocument } from "./delete-document.tsx";
import { DocumentFields } from "./document-fields.tsx";
import { OtherChange } from "./other-change.tsx";

/** Passages that are shown first, and with each further click. */
const passagesPerStep = 20;

interface DocumentViewProps {
  readonly handle: LibraryHandle;
  readonly id: string;
}

/** One document: its texts, and its fields, which can be changed. */
export function DocumentView({ handle, id }: DocumentViewProps) {
  const seq = watchedLibrary(handle.id)?.library.seq;
  const { edited, theirs, missing, error, readError, busy, change, save, adopt } = useOpenDocument(handle, id, seq);
  const outcome = useSignal("");
  const deleting = useSignal(false);
  const open = edited.value;
  const closed = lacking("write", "changing documents");
  const back = (
    <p>
      <a href={addressOf.library(handle.id, "documents")}>All documents</a>
    </p>
  );
  if (open === undefined || missing.value) {
    return (
      <div>
        {back}
        <Alert text={readError.value} />
        {missing.value ? (
          <NoDocument id={id} had={open !== undefined} />
        ) : (
          readError.value === "" && <p class="hint">Loading…</p>
        )}
      </div>
    );
  }
  const { document, form } = open;
  const isChanged = changedFields(formOf(document), form).length > 0;
  const write = async (event: Event) => {
    event.preventDefault();
    outcome.value = "";
    if (!(await save())) return;
    outcome.value = `Saved at position ${count(edited.value?.document.seq ?? 0)}.`;
    announce("Saved");
    void refreshLibraries();
  };
  return (
    <div class="columns">
      <div>
        {back}
        <h2 class="document-heading" title={document.title}>
          <DocumentTitle generated={document.title_generated}>{document.title}</DocumentTitle>
        </h2>
        <DocumentFacts libraryId={handle.id} document={document} />
        <Passages document={document} />
      </div>
      <form class="panel side" onSubmit={(event) => void write(event)}>
        {theirs.value !== undefined && <OtherChange before={document} after={theirs.value} onAdopt={adopt} />}
        <DocumentFields
          form={form}
          generated={document.title_generated ? document.title : undefined}
          disabled={closed !== undefined}
          onChange={(next) => {
            outcome.value = "";
            change(next);
          }}
        />
        {closed !== undefined && <p class="not-allowed">{closed}</p>}
        <Alert text={error.value === "" ? readError.value : error.value} />
        <p class="hint" role="status">
          {outcome.value}
        </p>
        <p class="actions">
          <button type="button" disabled={closed !== undefined} onClick={() => (deleting.value = true)}>
            Delete…
          </button>
          <button type="button" disabled={!isChanged} onClick={() => change(formOf(document))}>
            Reset
          </button>
          <button type="submit" class="primary" disabled={!isChanged || busy.value || theirs.value !== undefined}>
            Save
          </button>
        </p>
      </form>
      {deleting.value && (
        <DeleteDocument handle={handle} document={document} onClose={() => (deleting.value = false)} />
      )}
    </div>
  );
}

function NoDocument({ id, had }: { readonly id: string; readonly had: boolean }) {
  return (
    <div class="empty">
      <h2>{had ? "This document is gone" : "Document not found"}</h2>
      <p class="id">{id}</p>
      <p>
        {had ? "It was deleted, or it has expired." : "There is no document with this id in the library, or no longer."}
      </p>
    </div>
  );
}

function DocumentFacts({ libraryId, document }: { readonly libraryId: string; readonly document: Document }) {
  const { id, created_at, updated_at, expires_at, num_chunks, seq, source_url } = document;
  return (
    <>
      <p class="ways">
        <span class="id">{id}</span>
        <CopyButton text={id} what="id" />
        <a href={addressOf.similarDocuments(libraryId, id)}>Similar documents</a>
        {source_url !== null && <Source url={source_url} />}
      </p>
      <p class="facts">
        {plural(num_chunks, "chunk")} · added {moment(created_at)} · changed {moment(updated_at)} · position{" "}
        {count(seq)}
        {expires_at !== null && <span class="expires"> · expires {moment(expires_at)}</span>}
      </p>
    </>
  );
}

/** A link only to where a browser can go without harm: the address is whatever a client has sent. */
function Source({ url }: { readonly url: string }) {
  if (!/^https?:\/\//i.test(url)) return <span class="id">{url}</span>;
  return (
    <a class="id" href={url} rel="noreferrer noopener" target="_blank">
      {url}
    </a>
  );
}

function Passages({ document: { chunks } }: { readonly document: Document }) {
  const shown = useSignal(passagesPerStep);
  return (
    <>
      <ol class="passages">
        {chunks.slice(0, shown.value).map((chunk) => (
          <li key={chunk.id}>
            <p>{chunk.text}</p>
            {chunk.page_number !== null && <p class="hint">page {chunk.page_number}</p>}
            <FieldList fields={fieldsOfMetadata(chunk.metadata)} />
          </li>
        ))}
      </ol>
      {chunks.length > shown.value && (
        <p class="actions pages">
          <button type="button" onClick={() => (shown.value += passagesPerStep)}>
            {count(chunks.length - shown.value)} more
          </button>
        </p>
      )}
    </>
  );
}
