import { useSignal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { UploadProgress } from "../components/upload-dock.tsx";
import { count, plural } from "../format.ts";
import { refreshLibraries } from "../state/libraries.ts";
import { lacking } from "../state/permission.ts";
import { addSamples } from "../state/samples.ts";
import { noteError } from "../state/server.ts";
import { type Upload, uploads } from "../state/uploads.ts";

/** Files that stream in, their receipts and their faults; and a document written by hand. */
export function AddView({ handle }: { readonly handle: LibraryHandle }) {
  const own = uploads.value.filter(({ libraryId }) => libraryId === handle.id);
  const reason = lacking("write", "adding documents");
  const closed = reason !== undefined;
  const busy = closed || own.some(({ state }) => state === "running");
  return (
    <div class="columns">
      <div>
        <div class="drop">
          {closed ? (
            <p>{reason}</p>
          ) : (
            <p>
              <b>Drop files here</b>, or anywhere in this library
            </p>
          )}
          <p class="hint">
            NDJSON with one document per line, Markdown (split at headings), or plain text. You get a receipt for each
            document once it is on disk and searchable.
          </p>
          <p>
            <button type="button" disabled={busy} onClick={() => void addSamples(handle.id)}>
              Load sample documents
            </button>
          </p>
        </div>
        {own.map((upload) => (
          <UploadReport key={upload.key} upload={upload} />
        ))}
      </div>
      <WriteDocument handle={handle} closed={closed} />
    </div>
  );
}

function UploadReport({ upload }: { readonly upload: Upload }) {
  const { name, stored, failed, state, receipts, failures, error } = upload;
  useEffect(() => {
    if (state !== "running") announce(`${name}: ${plural(stored, "document")} stored, ${count(failed)} failed`);
  }, [state]);
  return (
    <section class="report" aria-label={name}>
      <UploadProgress upload={upload} />
      <Alert text={error} />
      {failures.length > 0 && (
        <details open class="failures">
          <summary>{plural(failed, "line")} failed</summary>
          <ul tabIndex={0} aria-label="Failed lines">
            {failures.map(({ line, reason }) => (
              <li key={line}>
                <span class="number">line {count(line)}</span> {reason}
              </li>
            ))}
          </ul>
          {failed > failures.length && <p class="hint">and {count(failed - failures.length)} more</p>}
        </details>
      )}
      <ol class="receipts" aria-label="Newest receipts" tabIndex={0}>
        {receipts.map(({ line, title, seq }) => (
          <li key={seq}>
            <span class="number">line {count(line)}</span>
            <span class="name">{title}</span>
            <span class="number" title="The library's position">
              {count(seq)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function WriteDocument({ handle, closed }: { readonly handle: LibraryHandle; readonly closed: boolean }) {
  const title = useSignal("");
  const text = useSignal("");
  const error = useSignal("");
  const outcome = useSignal("");
  const write = async (event: Event) => {
    event.preventDefault();
    error.value = "";
    const started = performance.now();
    try {
      const { seq } = await handle.add({ title: title.value.trim(), text: text.value });
      outcome.value = `Stored at position ${count(seq)} in ${Math.round(performance.now() - started)} ms; it is searchable now.`;
      [title.value, text.value] = ["", ""];
      void refreshLibraries();
    } catch (problem) {
      error.value = noteError(problem);
    }
  };
  return (
    <form class="panel" onSubmit={(event) => void write(event)}>
      <h2>New document</h2>
      <label class="field">
        Title (optional)
        <input
          disabled={closed}
          value={title.value}
          onInput={({ currentTarget }) => (title.value = currentTarget.value)}
        />
      </label>
      <label class="field">
        Text
        <textarea
          required
          disabled={closed}
          rows={6}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <Alert text={error.value} />
      <p class="actions">
        <span class="hint" role="status">
          {outcome.value}
        </span>
        <button type="submit" class="primary" disabled={closed}>
          Store
        </button>
      </p>
    </form>
  );
}
