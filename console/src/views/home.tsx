import { useSignal } from "@preact/signals";
import type { Library } from "arrwdb-client";
import { Alert } from "../components/alert.tsx";
import { Icon } from "../components/icon.tsx";
import { NotAllowed } from "../components/not-allowed.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { type Column, Table } from "../components/table.tsx";
import { count, perSecond, plural } from "../format.ts";
import {
  earlierLibraries,
  laterLibraries,
  libraries,
  librariesBefore,
  librariesFault,
  moreLibraries,
  type WatchedLibrary,
} from "../state/libraries.ts";
import { lacking } from "../state/permission.ts";
import { addressOf, go } from "../state/route.ts";
import { noteError, refusal } from "../state/server.ts";
import { loadSamples } from "../state/samples.ts";
import { CreateLibrary } from "./create-library.tsx";
import { DeleteLibrary } from "./delete-library.tsx";

/** All libraries. */
export function HomeView() {
  const creating = useSignal(false);
  const deleting = useSignal<Library | undefined>(undefined);
  const all = libraries.value;
  const cannotCreate = lacking("admin", "creating a library", true);
  const total = all?.reduce((sum, { library }) => sum + library.num_documents, 0) ?? 0;
  return (
    <section aria-labelledby="home-title" class="page">
      <div class="title">
        <h1 id="home-title">Libraries</h1>
        {all !== undefined && all.length > 0 && (
          <p class="facts">
            {shownOf(all.length)} with {plural(total, "document")}
          </p>
        )}
        <button
          type="button"
          class="primary"
          disabled={cannotCreate !== undefined}
          aria-describedby="no-new-library"
          onClick={() => (creating.value = true)}
        >
          <Icon name="plus" />
          New library
        </button>
      </div>
      <NotAllowed id="no-new-library" reason={cannotCreate} />
      <Alert text={refusal.value === undefined ? librariesFault.value : ""} />
      {all === undefined && <p class="hint">{refusal.value === undefined ? "Loading…" : "Nothing to show."}</p>}
      {all?.length === 0 && (cannotCreate === undefined ? <EmptyServer /> : <NothingToSee />)}
      <Pages />
      {all !== undefined && all.length > 0 && (
        <LibraryTable libraries={all} onDelete={(library) => (deleting.value = library)} />
      )}
      {creating.value && <CreateLibrary onClose={() => (creating.value = false)} />}
      {deleting.value !== undefined && (
        <DeleteLibrary library={deleting.value} onClose={() => (deleting.value = undefined)} />
      )}
    </section>
  );
}

const hasPages = () => moreLibraries.value || librariesBefore.value > 0;

/** The number of libraries shown, and a note if that is not all. */
function shownOf(length: number): string {
  if (!hasPages()) return plural(length, "library", "libraries");
  const before = librariesBefore.value;
  return `${count(before + 1)} to ${count(before + length)} of ${moreLibraries.value ? "more" : "all"},`;
}

/** Links to the other pages, if there are several. */
function Pages() {
  if (!hasPages()) return null;
  return (
    <p class="actions pages">
      <button type="button" disabled={librariesBefore.value === 0} onClick={earlierLibraries}>
        Previous
      </button>
      <button type="button" disabled={!moreLibraries.value} onClick={laterLibraries}>
        Next
      </button>
    </p>
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
      <h2>No libraries yet</h2>
      <p>
        A library holds documents that are searched together. Create one, add files, and watch your documents become
        searchable. Or look around with a few dozen sample documents first.
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

/** For users who cannot create libraries. */
function NothingToSee() {
  return (
    <div class="empty">
      <h2>No libraries</h2>
      <p>This key has access to no libraries. New ones appear here automatically.</p>
    </div>
  );
}

const facts: readonly Column[] = [
  { title: "Name" },
  { title: "Documents", number: true },
  { title: "Chunks", number: true },
  { title: "Position", number: true },
  { title: "Changes" },
  { title: "Model" },
];

interface LibraryTableProps {
  readonly libraries: readonly WatchedLibrary[];
  readonly onDelete: (library: Library) => void;
}

function LibraryTable({ libraries: shown, onDelete }: LibraryTableProps) {
  const mayDelete = lacking("admin", "deleting a library") === undefined;
  const columns = mayDelete ? [...facts, { title: "Delete", unseen: true }] : facts;
  return (
    <Table label="All libraries" columns={columns}>
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
          {mayDelete && (
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
          )}
        </tr>
      ))}
    </Table>
  );
}
