import { type LibraryEvent, stringifyJson } from "arrwdb-client";
import { useSignal } from "@preact/signals";
import { count, time } from "../format.ts";

/** One event on a line, which expands to all of it. */
export function EventRow({ event }: { readonly event: LibraryEvent }) {
  const open = useSignal(false);
  return (
    <li>
      <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
        <summary>
          <span class="number">{count(event.seq)}</span>
          <time dateTime={event.timestamp}>{time(event.timestamp)}</time>
          <b class={`type ${event.type.replace(".", "-")}`}>{event.type}</b>
          <span class="name">{subjectOf(event)}</span>
        </summary>
        {open.value && <pre tabIndex={0}>{stringifyJson(event.data, 2)}</pre>}
      </details>
    </li>
  );
}

function subjectOf(event: LibraryEvent): string {
  switch (event.type) {
    case "document.added":
    case "document.updated":
    case "document.deleted":
    case "document.expired":
      return event.data.title;
    case "search.performed":
      return event.data.query ?? "(vector)";
    case "library.created":
    case "library.updated":
      return event.data.name;
    case "library.deleted":
      return event.data.id;
  }
}
