import { useSignal } from "@preact/signals";
import { ArrwClientError, type Document, type LibraryHandle } from "arrwdb-client";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { plural } from "../format.ts";
import { refreshLibraries } from "../state/libraries.ts";
import { addressOf, go } from "../state/route.ts";
import { noteError } from "../state/server.ts";

interface DeleteDocumentProps {
  readonly handle: LibraryHandle;
  readonly document: Document;
  readonly onClose: () => void;
}

/** Deletes a document, as it is shown: not if somebody else has changed it since. */
export function DeleteDocument({ handle, document, onClose }: DeleteDocumentProps) {
  const error = useSignal("");
  const remove = async () => {
    try {
      await handle.delete(document.id, { if_seq: document.seq });
      announce(`${document.title} was deleted`);
      onClose();
      go(addressOf.library(handle.id, "documents"));
      await refreshLibraries();
    } catch (problem) {
      const isChanged = problem instanceof ArrwClientError && problem.code === "seq_mismatch";
      const message = "Somebody else has changed or deleted this document meanwhile; look at it before you delete it.";
      error.value = isChanged ? message : noteError(problem);
    }
  };
  return (
    <Dialog title={`Delete ${document.title}?`} onClose={onClose}>
      <p>Its {plural(document.num_chunks, "chunk")} will be permanently deleted, for all users.</p>
      <Alert text={error.value} />
      <p class="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={() => void remove()}>
          Delete
        </button>
      </p>
    </Dialog>
  );
}
