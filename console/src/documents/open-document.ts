import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { ArrwClientError, type Document, type LibraryHandle } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { awaySince, isAbort, noteError } from "../state/server.ts";
import { changedFields, type DocumentForm, formOf, patchOf, rebased } from "./document-form.ts";

/** A document and what is being changed of it. */
export interface EditedDocument {
  readonly document: Document;
  readonly form: DocumentForm;
}

export interface OpenDocument {
  /** Undefined until it was read. */
  readonly edited: ReadonlySignal<EditedDocument | undefined>;
  /** What the document is now, if somebody else has changed it since, and there are changes here. */
  readonly theirs: ReadonlySignal<Document | undefined>;
  /** Whether it is not there, or no longer. */
  readonly missing: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<string>;
  readonly readError: ReadonlySignal<string>;
  readonly busy: ReadonlySignal<boolean>;
  readonly change: (form: DocumentForm) => void;
  /** Resolves to whether it was written. */
  readonly save: () => Promise<boolean>;
  /** Goes on from what somebody else has made of it: with the changes here on top, or without. */
  readonly adopt: (mine: "keep" | "discard") => void;
}

const isMissing = (error: unknown) => error instanceof ArrwClientError && error.code === "document_not_found";
const isUnaddressable = (error: unknown) => error instanceof ArrwClientError && error.field === "document_id";
const byFilter = "The document can be searched, and listed and deleted by a filter on source_document_id.";
const isMismatch = (error: unknown) => error instanceof ArrwClientError && error.code === "seq_mismatch";

/**
 * One document to look at and to change. It follows the library, unless there are changes that would be lost.
 *
 * @param seq the library's position, as far as it is known
 */
export function useOpenDocument(handle: LibraryHandle, id: string, seq: number | undefined): OpenDocument {
  const edited: Signal<EditedDocument | undefined> = useSignal(undefined);
  const theirs: Signal<Document | undefined> = useSignal(undefined);
  const missing = useSignal(false);
  const error = useSignal("");
  /** Of reading alone: it goes once reading succeeds. */
  const readError = useSignal("");
  const busy = useSignal(false);
  const isAway = awaySince.value !== undefined;

  const take = (document: Document) => {
    missing.value = false;
    const before = edited.value;
    if (before?.document.seq === document.seq) return;
    const isTouched = before !== undefined && changedFields(formOf(before.document), before.form).length > 0;
    if (isTouched) theirs.value = document;
    else [edited.value, theirs.value] = [{ document, form: formOf(document) }, undefined];
  };
  const look = async (signal?: AbortSignal) => {
    try {
      take(await handle.get(id, { signal }));
      readError.value = "";
      return true;
    } catch (problem) {
      if (signal?.aborted === true || isAbort(problem)) return false;
      if (isMissing(problem)) missing.value = true;
      else if (isUnaddressable(problem)) readError.value = `No address can carry the id “${id}”. ${byFilter}`;
      else readError.value = noteError(problem);
      return false;
    }
  };
  /** Whether the document has another position than the one that is shown, without reading its texts. */
  const hasMoved = async (signal: AbortSignal) => {
    const known = edited.value?.document.seq;
    if (known === undefined) return true;
    const { documents } = await handle.documentPage({ ids: [id], signal });
    return documents[0]?.seq !== (theirs.value?.seq ?? known);
  };
  useEffect(() => {
    const controller = new AbortController();
    const follow = async () => {
      try {
        if (await hasMoved(controller.signal)) await look(controller.signal);
        else readError.value = "";
      } catch (problem) {
        if (!controller.signal.aborted && !isAbort(problem)) readError.value = noteError(problem);
      }
    };
    void follow();
    return () => controller.abort();
  }, [handle, id, seq, isAway]);

  const change = (form: DocumentForm) => {
    if (edited.value !== undefined) edited.value = { ...edited.value, form };
    error.value = "";
  };
  const save = async () => {
    const before = edited.value;
    if (before === undefined) return false;
    const checked = patchOf(before.document, before.form);
    if ("fault" in checked) {
      error.value = checked.fault;
      return false;
    }
    busy.value = true;
    error.value = "";
    try {
      const { document } = await handle.patch(id, { ...checked.patch, if_seq: before.document.seq });
      const written = { ...before.document, ...document };
      [edited.value, theirs.value] = [{ document: written, form: formOf(written) }, undefined];
      return true;
    } catch (problem) {
      if (isMismatch(problem) || isMissing(problem)) await look();
      else if (!isAbort(problem)) error.value = noteError(problem);
      return false;
    } finally {
      busy.value = false;
    }
  };
  const adopt = (mine: "keep" | "discard") => {
    const [before, document] = [edited.value, theirs.value];
    if (before === undefined || document === undefined) return;
    const form = mine === "keep" ? rebased(before.form, before.document, document) : formOf(document);
    [edited.value, theirs.value, error.value] = [{ document, form }, undefined, ""];
  };
  return { edited, theirs, missing, error, readError, busy, change, save, adopt };
}
