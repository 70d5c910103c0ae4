import { useSignal } from "@preact/signals";
import { type DocumentCount, type Filter, type LibraryHandle, stringifyJson } from "arrwdb-client";
import { useEffect, useRef } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { count, plural } from "../format.ts";
import { refreshLibraries, watchedLibrary } from "../state/libraries.ts";
import { isAbort, noteError } from "../state/server.ts";

interface DeleteDocumentsProps {
  readonly handle: LibraryHandle;
  /** Undefined for all documents. */
  readonly filter: Filter | undefined;
  readonly onClose: () => void;
}

/** Deletes the documents that match a filter, after it has told how many there are. */
export function DeleteDocuments({ handle, filter, onClose }: DeleteDocumentsProps) {
  const watched = watchedLibrary(handle.id)?.library;
  const counted = useSignal<DocumentCount | undefined>(undefined);
  const sure = useSignal(false);
  const error = useSignal("");
  const deleted = useSignal<number | undefined>(undefined);
  const running = useRef(new AbortController());
  const isRunning = deleted.value !== undefined;

  // Counted anew as the library changes: the number is what is agreed to.
  useEffect(() => {
    if (isRunning) return undefined;
    const controller = new AbortController();
    const look = async () => {
      try {
        counted.value = await handle.count(filter, { signal: controller.signal });
      } catch (problem) {
        if (!controller.signal.aborted && !isAbort(problem)) error.value = noteError(problem);
      }
    };
    void look();
    return () => controller.abort();
  }, [handle, filter, watched?.seq, isRunning]);
  useEffect(() => () => running.current.abort(), []);

  const number = counted.value?.documents ?? 0;
  const isAll = filter === undefined || number === watched?.num_documents;
  const remove = async () => {
    error.value = "";
    deleted.value = 0;
    running.current = new AbortController();
    try {
      const { deleted: done } = await handle.deleteMatching(filter ?? {}, {
        confirm: isAll ? "all" : undefined,
        signal: running.current.signal,
        onProgress: (progress) => (deleted.value = progress.deleted),
      });
      announce(`${plural(done, "document")} deleted`);
      await refreshLibraries();
      onClose();
    } catch (problem) {
      const before = deleted.value === 0 ? "" : ` ${plural(deleted.value, "document")} had been deleted.`;
      error.value = `${isAbort(problem) ? "Stopped." : noteError(problem)}${before}`;
      deleted.value = undefined;
    }
  };
  const stop = () => (isRunning ? running.current.abort() : onClose());

  return (
    <Dialog
      title={filter === undefined ? "Delete all documents?" : "Delete what matches the filter?"}
      onClose={onClose}
    >
      {counted.value === undefined ? (
        <p>Counting…</p>
      ) : (
        <p>
          <b>{plural(number, "document")}</b> with {plural(counted.value.chunks, "chunk")} will be permanently deleted,
          for all users.
        </p>
      )}
      {filter !== undefined && (
        <pre class="shown-filter" tabIndex={0} aria-label="The filter">
          {stringifyJson(filter, 2)}
        </pre>
      )}
      {isAll && number > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={sure.value}
            disabled={isRunning}
            onChange={({ currentTarget }) => (sure.value = currentTarget.checked)}
          />
          Yes, every document of this library
        </label>
      )}
      {isRunning && (
        <p role="status" class="facts">
          {count(deleted.value ?? 0)} of {count(number)} deleted
        </p>
      )}
      <Alert text={error.value} />
      <p class="actions">
        <button type="button" onClick={stop}>
          {isRunning ? "Stop" : "Cancel"}
        </button>
        <button
          type="button"
          class="danger"
          disabled={isRunning || number === 0 || (isAll && !sure.value)}
          onClick={() => void remove()}
        >
          Delete {counted.value === undefined ? "" : plural(number, "document")}
        </button>
      </p>
    </Dialog>
  );
}
