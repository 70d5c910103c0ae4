import { useSignal } from "@preact/signals";
import { ArrwClientError, type EventType, type LibraryEvent, type LibraryHandle } from "arrwdb-client";
import { useEffect, useRef } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Icon } from "../components/icon.tsx";
import { count, plural } from "../format.ts";
import { isAbort, noteError } from "../state/server.ts";
import { EventRow, wordingOf } from "./event-row.tsx";

/** Maximum of events on the page. */
const held = 500;
/** Milliseconds between two pictures of the list. */
const frame = 150;

const types: readonly EventType[] = [
  "document.added",
  "document.updated",
  "document.deleted",
  "document.expired",
  "library.updated",
  "search.performed",
];

/** A library's events, from a position on, as they happen. */
export function EventsView({ handle }: { readonly handle: LibraryHandle }) {
  const events = useSignal<readonly LibraryEvent[]>([]);
  const seen = useSignal(0);
  const paused = useSignal(false);
  const error = useSignal("");
  const from = useSignal<number | undefined>(undefined);
  const hidden = useSignal<readonly EventType[]>([]);
  const gate = useRef<PromiseWithResolvers<void> | undefined>(undefined);

  const pause = () => {
    paused.value = !paused.value;
    if (paused.value) gate.current = Promise.withResolvers();
    else {
      gate.current?.resolve();
      gate.current = undefined;
    }
  };

  const wanted = types.filter((type) => !hidden.value.includes(type));
  useEffect(() => {
    const controller = new AbortController();
    const arrived: LibraryEvent[] = [];
    let total = 0;
    [events.value, seen.value, error.value] = [[], 0, ""];
    const show = () => {
      if (arrived.length === 0) return;
      seen.value = total;
      events.value = [...arrived.splice(0).toReversed(), ...events.value].slice(0, held);
      announce(`${plural(seen.value, "event")}, latest position ${events.value[0]?.seq ?? 0}`);
    };
    const timer = setInterval(show, frame);
    const follow = async (position: number | undefined) => {
      const feed = handle.events({ from: position, events: [...wanted], signal: controller.signal });
      for await (const event of feed) {
        // While the list is paused, events wait first in the feed and then on the server.
        await gate.current?.promise;
        arrived.push(event);
        total += 1;
        if (arrived.length > held) arrived.shift();
      }
    };
    const read = async (position: number | undefined): Promise<void> => {
      try {
        await follow(position);
      } catch (problem) {
        if (controller.signal.aborted || isAbort(problem)) return;
        const earliest = problem instanceof ArrwClientError ? problem.earliestSeq : undefined;
        error.value = noteError(problem);
        // After a long absence or pause, old events are no longer retained; this is shown, and the feed continues.
        if (earliest === undefined || earliest === position) return;
        error.value = `Events up to ${count(earliest)} have expired. Showing later events.`;
        await read(earliest);
      }
    };
    if (wanted.length > 0) void read(from.value);
    return () => {
      clearInterval(timer);
      controller.abort();
      gate.current?.resolve();
    };
  }, [handle, from.value, hidden.value]);

  return (
    <div>
      <form class="bar" onSubmit={(event) => event.preventDefault()}>
        <button type="button" aria-pressed={paused.value} onClick={pause}>
          <Icon name={paused.value ? "play" : "pause"} />
          {paused.value ? "Resume" : "Pause"}
        </button>
        <label>
          After position
          <input
            type="number"
            min={0}
            placeholder="now"
            onChange={({ currentTarget: { value } }) =>
              (from.value = value === "" ? undefined : Math.max(0, Number(value)))
            }
          />
        </label>
        <fieldset class="checks">
          <legend class="unseen">Types</legend>
          {types.map((type) => (
            <label key={type}>
              <input
                type="checkbox"
                checked={!hidden.value.includes(type)}
                onChange={({ currentTarget: { checked } }) => {
                  hidden.value = checked ? hidden.value.filter((one) => one !== type) : [...hidden.value, type];
                }}
              />
              {wordingOf(type).words}
            </label>
          ))}
        </fieldset>
        <span class="facts">{count(seen.value)} seen</span>
      </form>
      <Alert text={error.value} />
      {events.value.length === 0 && <p class="hint">No events yet. Changes appear here as they happen.</p>}
      <ol class="events" aria-label="Events, newest first">
        {events.value.map((event) => (
          <EventRow key={event.seq} libraryId={handle.id} event={event} />
        ))}
      </ol>
    </div>
  );
}
