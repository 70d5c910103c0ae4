import { useSignal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { announce } from "../components/announcer.tsx";
import { Icon } from "../components/icon.tsx";
import { NotAllowed } from "../components/not-allowed.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { UploadDock } from "../components/upload-dock.tsx";
import { acceptedFiles } from "../files/documents.ts";
import { count, perSecond } from "../format.ts";
import { missingLibrary, watchedLibrary } from "../state/libraries.ts";
import { lacking } from "../state/permission.ts";
import { addressOf, type Item, type Tab, tabs } from "../state/route.ts";
import { client, grant } from "../state/server.ts";
import { uploadFiles } from "../state/uploads.ts";
import { AddView } from "./add.tsx";
import { DocumentsView } from "./documents-tab.tsx";
import { EventsView } from "./events.tsx";
import { LiveView } from "./live.tsx";
import { MapView } from "./map.tsx";
import { RoomView } from "./room.tsx";
import { SearchView } from "./search.tsx";

interface LibraryViewProps {
  readonly id: string;
  readonly tab: Tab;
  readonly item: Item;
}

const names: Readonly<Record<Tab, string>> = {
  search: "Search",
  documents: "Documents",
  add: "Add",
  map: "Map",
  live: "Live",
  events: "Events",
  room: "Room",
};

/** A handle of the library while it is shown: all its views share one WebSocket. */
function useLibrary(id: string): LibraryHandle {
  const current = client.value;
  const handle = useMemo(() => current.library(id), [current, id]);
  useEffect(() => () => handle.close(), [handle]);
  return handle;
}

/** One library. Files may be dropped anywhere on it. */
export function LibraryView({ id, tab, item }: LibraryViewProps) {
  const handle = useLibrary(id);
  const dragging = useSignal(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    dragging.value = false;
    add(id, [...(event.dataTransfer?.files ?? [])]);
  };
  const over = (event: DragEvent) => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    if (lacking("write", "adding documents") !== undefined) return;
    event.preventDefault();
    dragging.value = true;
  };
  return (
    <div
      class={dragging.value ? "library dragging" : "library"}
      onDragOver={over}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        const inside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
        if (!inside) dragging.value = false;
      }}
      onDrop={drop}
    >
      <LibraryHeader id={id} tab={tab} />
      {missingLibrary.value === id ? <NoLibrary /> : <View handle={handle} tab={tab} item={item} />}
      {tab !== "add" && <UploadDock libraryId={id} />}
    </div>
  );
}

interface ViewProps {
  readonly handle: LibraryHandle;
  readonly tab: Tab;
  readonly item: Item;
}

function View({ handle, tab, item }: ViewProps) {
  return (
    <section class={`tab tab-${tab}`} aria-label={names[tab]}>
      {tab === "search" && <SearchView handle={handle} item={item} />}
      {tab === "documents" && <DocumentsView handle={handle} item={item} />}
      {tab === "add" && <AddView handle={handle} />}
      {tab === "map" && <MapView handle={handle} />}
      {tab === "live" && <LiveView handle={handle} />}
      {tab === "events" && <EventsView handle={handle} />}
      {tab === "room" && <RoomView handle={handle} key={item[0]} room={item[0]} />}
    </section>
  );
}

function NoLibrary() {
  const limited = (grant.value?.libraries ?? null) !== null;
  return (
    <section class="tab">
      <div class="empty">
        <h2>Nothing to show</h2>
        <p>
          {limited
            ? "There is no library with this id, or the key has no access to it."
            : "This library no longer exists. If it is restored, it appears here automatically."}
        </p>
        <p>
          <a href={addressOf.home}>All libraries</a>
        </p>
      </div>
    </section>
  );
}

function add(libraryId: string, files: readonly File[]): void {
  if (files.length === 0 || lacking("write", "adding documents") !== undefined) return;
  announce(`Adding ${files.map(({ name }) => name).join(", ")}`);
  void uploadFiles(libraryId, files);
}

function LibraryHeader({ id, tab }: { readonly id: string; readonly tab: Tab }) {
  const watched = watchedLibrary(id);
  const rates = watched?.rates ?? [];
  const gone = missingLibrary.value === id;
  return (
    <div class="library-header">
      <div class="title">
        <h1>{watched?.library.name ?? (gone ? "Library not found" : "…")}</h1>
        {watched !== undefined && (
          <p class="facts">
            <Counted value={watched.library.num_documents} one="document" /> ·{" "}
            <Counted value={watched.library.num_chunks} one="chunk" /> · position <b>{count(watched.library.seq)}</b>
            <Sparkline values={rates} />
            <span class="number">{perSecond(rates.at(-1) ?? 0)}</span>
          </p>
        )}
        {!gone && <FileButton libraryId={id} />}
      </div>
      <NotAllowed id="no-adding" unseen reason={gone ? undefined : lacking("write", "adding documents")} />
      {!gone && (
        <nav aria-label="Views of the library">
          {tabs.map((one) => (
            <a key={one} href={addressOf.library(id, one)} aria-current={one === tab ? "page" : undefined}>
              <Icon name={one} />
              {names[one]}
            </a>
          ))}
        </nav>
      )}
    </div>
  );
}

const Counted = ({ value, one }: { readonly value: number; readonly one: string }) => (
  <span>
    <b>{count(value)}</b> {value === 1 ? one : `${one}s`}
  </span>
);

/** An alternative to drag and drop. */
export function FileButton({ libraryId }: { readonly libraryId: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        disabled={lacking("write", "adding documents") !== undefined}
        title={lacking("write", "adding documents")}
        aria-describedby="no-adding"
        onClick={() => input.current?.click()}
      >
        <Icon name="add" />
        Add files
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={acceptedFiles}
        onChange={({ currentTarget }) => {
          add(libraryId, [...(currentTarget.files ?? [])]);
          // So that the same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
