import { useSignal } from "@preact/signals";
import type { Library } from "arrwdb-client";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { plural } from "../format.ts";
import { refreshLibraries } from "../state/libraries.ts";
import { client, noteError } from "../state/server.ts";

export function DeleteLibrary({ library, onClose }: { readonly library: Library; readonly onClose: () => void }) {
  const error = useSignal("");
  const remove = async () => {
    try {
      await client.value.libraries.delete(library.id);
      announce(`${library.name} was deleted`);
      await refreshLibraries();
      onClose();
    } catch (problem) {
      error.value = noteError(problem);
    }
  };
  return (
    <Dialog title={`Delete ${library.name}?`} onClose={onClose}>
      <p>Its {plural(library.num_documents, "document")} and its events will be permanently deleted, for all users.</p>
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
