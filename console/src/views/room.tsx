import { useSignal } from "@preact/signals";
import type { LibraryHandle, Participant, Room, SharedSearch } from "arrwdb-client";
import { useEffect, useRef } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Hit } from "../components/hit.tsx";
import { milliseconds, plural } from "../format.ts";
import { addressOf, go } from "../state/route.ts";
import { isAbort, noteError } from "../state/server.ts";
import { Door } from "./room-door.tsx";

/** Maximum of remembered searches of a room. */
const remembered = 20;
/** Maximum of remembered names; there may be more participants. */
const mostNames = 1_000;
const nameKey = "arrwdb-name";

interface RoomViewProps {
  readonly handle: LibraryHandle;
  readonly room: string | undefined;
}

/** A room: its participants, and their searches. */
export function RoomView({ handle, room }: RoomViewProps) {
  const name = useSignal(sessionStorage.getItem(nameKey) ?? "");
  const entered = useSignal(false);
  const enter = (event: Event, place: string) => {
    event.preventDefault();
    if (place.trim() === "" || name.value.trim() === "") return;
    sessionStorage.setItem(nameKey, name.value.trim());
    entered.value = true;
    go(addressOf.room(handle.id, place.trim()));
  };
  const known = entered.value || sessionStorage.getItem(nameKey) !== null;
  if (room !== undefined && room !== "" && known) return <Inside handle={handle} room={room} name={name.value} />;
  return <Door room={room} name={name.value} onName={(text) => (name.value = text)} onEnter={enter} />;
}

interface InsideProps {
  readonly handle: LibraryHandle;
  readonly room: string;
  readonly name: string;
}

function Inside({ handle, room: sessionId, name }: InsideProps) {
  const joined = useRef<Room | undefined>(undefined);
  /** Also of participants who have left since they searched. */
  const names = useRef(new Map<string, string>());
  const participants = useSignal<readonly Participant[]>([]);
  const own = useSignal<string | undefined>(undefined);
  const searches = useSignal<readonly SharedSearch[]>([]);
  const error = useSignal("");
  const text = useSignal("");

  useEffect(() => {
    const controller = new AbortController();
    error.value = "";
    const room = handle.room(sessionId, { name });
    const look = () => {
      participants.value = room.participants;
      for (const one of room.participants) names.current.set(one.participant_id, nameOf(one));
      for (const id of names.current.keys()) {
        if (names.current.size <= mostNames) break;
        names.current.delete(id);
      }
      own.value = room.participantId;
    };
    const read = async () => {
      try {
        await room.join({ signal: controller.signal });
        joined.current = room;
        look();
        if (room.lastSearch !== null) searches.value = [room.lastSearch];
        for await (const message of room.messages({ signal: controller.signal })) {
          look();
          if (message.type === "session.search")
            searches.value = [message.data, ...searches.value].slice(0, remembered);
          else if (message.type === "session.joined") announce(`${nameOf(message.participant)} came in`);
          else if (message.type === "session.left") announce(`${nameOf(message.participant)} went out`);
        }
      } catch (problem) {
        if (!controller.signal.aborted && !isAbort(problem)) error.value = noteError(problem);
      }
    };
    void read();
    return () => {
      controller.abort();
      joined.current = undefined;
      // Where the connection is gone we are out already.
      room.leave().catch(() => undefined);
    };
  }, [handle, sessionId, name]);

  const search = async (event: Event) => {
    event.preventDefault();
    if (text.value.trim() === "") return;
    error.value = "";
    try {
      await joined.current?.search({ query_text: text.value.trim(), k: 5 });
    } catch (problem) {
      if (!isAbort(problem)) error.value = noteError(problem);
    }
  };

  const newest = searches.value[0];
  const by = (id: string) => names.current.get(id) ?? nameOf(undefined);
  return (
    <div class="columns">
      <div>
        <form role="search" class="bar" onSubmit={(event) => void search(event)}>
          <input
            class="query"
            type="search"
            aria-label="Search with everyone in the room"
            placeholder="Search with everyone in the room"
            maxLength={10_000}
            value={text.value}
            onInput={({ currentTarget }) => (text.value = currentTarget.value)}
          />
          <button type="submit" class="primary">
            Search
          </button>
        </form>
        <Alert text={error.value} />
        <div aria-live="polite">
          {newest !== undefined && (
            <p class="facts">
              <b>{by(newest.participant_id)}</b> searched “{newest.query_text ?? "a vector"}”:{" "}
              {plural(newest.total, "hit")} in {milliseconds(newest.took_ms)}
            </p>
          )}
        </div>
        <h2 class="unseen">Hits</h2>
        <ol class="hits">
          {newest?.results.map((hit) => (
            <li key={hit.chunk_id}>
              <Hit hit={hit} libraryId={handle.id} query={newest.query_text ?? ""} />
            </li>
          ))}
        </ol>
      </div>
      <div class="panel">
        <h2>{sessionId}</h2>
        <ul class="people" aria-label="Participants">
          {participants.value.map((participant) => (
            <li key={participant.participant_id}>
              <i aria-hidden="true">{nameOf(participant).slice(0, 1).toUpperCase()}</i>
              {nameOf(participant)}
              {participant.participant_id === own.value && <span class="hint"> (you)</span>}
            </li>
          ))}
        </ul>
        <h3>Searches</h3>
        <ol class="searched">
          {searches.value.map((one, index) => (
            <li key={searches.value.length - index}>
              <b>{by(one.participant_id)}</b> {one.query_text}
            </li>
          ))}
        </ol>
        <p class="actions">
          <button type="button" onClick={() => go(addressOf.library(handle.id, "room"))}>
            Leave
          </button>
        </p>
      </div>
    </div>
  );
}

const nameOf = (participant: Participant | undefined) => participant?.name ?? "Someone";
