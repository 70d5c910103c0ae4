import { useSignal } from "@preact/signals";
import type { Library } from "arrwdb-client";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Icon } from "../components/icon.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { count, perSecond } from "../format.ts";
import { libraries, moreLibraries, refreshLibraries, type WatchedLibrary } from "../state/libraries.ts";
import { addressOf, go } from "../state/route.ts";
import { client, noteError } from "../state/server.ts";
import { loadSamples } from "../state/samples.ts";
import { CreateLibrary } from "./create-library.tsx";

/** All libraries. */
export function HomeView() {
  const creating = useSignal(false);
  const deleting = useSignal<Library | undefined>(undefined);
  const all = libraries.value;
  const total = all?.reduce((sum, { library }) => sum + library.num_documents, 0) ?? 0;
  return (
    <section aria-labelledby="home-title" class="page">
      <div class="title">
        <h1 id="home-title">Libraries</h1>
        {all !== undefined && all.length > 0 && (
          <p class="facts">
            {count(all.length)} with {count(total)} documents
          </p>
        )}
        <button type="button" class="primary" onClick={() => (creating.value = true)}>
          <Icon name="plus" />
          New library
        </button>
      </div>
      {all === undefined && <p class="hint">Asking the server…</p>}
      {all?.length === 0 && <EmptyServer />}
      {all !== undefined && all.length > 0 && (
        <LibraryTable libraries={all} onDelete={(library) => (deleting.value = library)} />
      )}
      {moreLibraries.value && <p class="hint">There are more than are shown here.</p>}
      {creating.value && <CreateLibrary onClose={() => (creating.value = false)} />}
      {deleting.value !== undefined && (
        <DeleteLibrary library={deleting.value} onClose={() => (deleting.value = undefined)} />
      )}
    </section>
  );
}

/** What to do first. */
function EmptyServer() {
  const busy = useSignal(false);
  const error = useSignal("");
  const load = async () => {
    busy.value = true;
    try {
      go(addressOf.library(await loadSamples(), "map"));
    } catch (problem) {
      error.value = noteError(problem);
    }
    busy.value = false;
  };
  return (
    <div class="empty">
      <h2>Nothing here yet</h2>
      <p>
        A library holds documents that are searched together. Make one, drop a file on it, and watch what you wrote
        become searchable. Or look around with a few dozen sample documents first.
      </p>
      <p class="actions">
        <button type="button" class="primary" disabled={busy.value} onClick={() => void load()}>
          {busy.value ? "Loading…" : "Load sample documents"}
        </button>
      </p>
      <Alert text={error.value} />
    </div>
  );
}

interface LibraryTableProps {
  readonly libraries: readonly WatchedLibrary[];
  readonly onDelete: (library: Library) => void;
}

function LibraryTable({ libraries: shown, onDelete }: LibraryTableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="All libraries">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" class="number">
              Documents
            </th>
            <th scope="col" class="number">
              Chunks
            </th>
            <th scope="col" class="number">
              Position
            </th>
            <th scope="col">Changes</th>
            <th scope="col">Model</th>
            <th scope="col">
              <span class="unseen">Delete</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ library, rates }) => (
            <tr key={library.id}>
              <th scope="row">
                <a href={addressOf.library(library.id)}>{library.name}</a>
                {library.description !== null && <span class="hint">{library.description}</span>}
              </th>
              <td class="number">{count(library.num_documents)}</td>
              <td class="number">{count(library.num_chunks)}</td>
              <td class="number">{count(library.seq)}</td>
              <td class="rate">
                <Sparkline values={rates} />
                {perSecond(rates.at(-1) ?? 0)}
              </td>
              <td class="hint">
                {library.embedding_model}, {library.dimension}
              </td>
              <td>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`Delete ${library.name}`}
                  onClick={() => onDelete(library)}
                >
                  <Icon name="trash" />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeleteLibrary({ library, onClose }: { readonly library: Library; readonly onClose: () => void }) {
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
      <p>Its {count(library.num_documents)} documents and its events go with it, for everybody and for good.</p>
      <Alert text={error.value} />
      <p class="actions">
        <button type="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="danger" onClick={() => void remove()}>
          Delete
        </button>
      </p>
    </Dialog>
  );
}
