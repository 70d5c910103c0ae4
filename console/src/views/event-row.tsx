import { type EventType, type LibraryEvent, stringifyJson } from "arrwdb-client";
import { useSignal } from "@preact/signals";
import { DocumentTitle } from "../components/document-title.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { count, plural, time } from "../format.ts";
import { addressOf } from "../state/route.ts";

interface Wording {
  readonly words: string;
  readonly icon: IconName;
}

const wordings: Readonly<Record<EventType, Wording>> = {
  "document.added": { words: "Added", icon: "plus" },
  "document.updated": { words: "Changed", icon: "pencil" },
  "document.deleted": { words: "Deleted", icon: "trash" },
  "document.expired": { words: "Expired", icon: "clock" },
  "library.created": { words: "Library created", icon: "plus" },
  "library.updated": { words: "Library changed", icon: "pencil" },
  "library.deleted": { words: "Library deleted", icon: "trash" },
  "search.performed": { words: "Searched", icon: "search" },
};

/** What an event is called; events of a newer server by their type. */
export const wordingOf = (type: string): Wording =>
  new Map<string, Wording>(Object.entries(wordings)).get(type) ?? { words: type, icon: "events" };

interface EventRowProps {
  readonly libraryId: string;
  readonly event: LibraryEvent;
}

/** One event on a line, which expands to all of it. */
export function EventRow({ libraryId, event }: EventRowProps) {
  const open = useSignal(false);
  const { words, icon } = wordingOf(event.type);
  return (
    <li>
      <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
        <summary>
          <span class="number">{count(event.seq)}</span>
          <time dateTime={event.timestamp}>{time(event.timestamp)}</time>
          <b class={`type ${event.type.replace(".", "-")}`} title={event.type}>
            <Icon name={icon} />
            {words}
          </b>
          <Subject event={event} />
        </summary>
        {open.value && (
          <>
            {(event.type === "document.added" || event.type === "document.updated") && (
              <p class="ways">
                <a href={addressOf.document(libraryId, event.data.document_id)}>Open the document</a>
              </p>
            )}
            <pre tabIndex={0}>{stringifyJson(event.data, 2)}</pre>
          </>
        )}
      </details>
    </li>
  );
}

function Subject({ event }: { readonly event: LibraryEvent }) {
  switch (event.type) {
    case "document.added":
    case "document.updated":
    case "document.deleted":
    case "document.expired":
      return (
        <span class="name">
          <DocumentTitle generated={event.data.title_generated}>{event.data.title}</DocumentTitle>
        </span>
      );
    case "search.performed":
      return (
        <span class="name">
          {event.data.query ?? "by a vector"} <span class="hint">{plural(event.data.total, "hit")}</span>
        </span>
      );
    case "library.created":
    case "library.updated":
      return <span class="name">{event.data.name}</span>;
    case "library.deleted":
      return <span class="name">{event.data.id}</span>;
  }
}
