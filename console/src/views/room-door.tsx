import { useSignal } from "@preact/signals";

interface DoorProps {
  readonly room: string | undefined;
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly onEnter: (event: Event, room: string) => void;
}

/** Asks for a name and a room. */
export function Door({ room, name, onName, onEnter }: DoorProps) {
  const place = useSignal(room ?? "");
  return (
    <form class="panel narrow" onSubmit={(event) => onEnter(event, place.value)}>
      <h2>Search together</h2>
      <p class="hint">
        In a room, everyone sees each other's searches. To try it, open the same room in a second window, or share its
        address with someone.
      </p>
      <label class="field">
        Your name
        <input required maxLength={100} value={name} onInput={({ currentTarget }) => onName(currentTarget.value)} />
      </label>
      <label class="field">
        Room
        <input
          required
          maxLength={100}
          placeholder="monday"
          value={place.value}
          onInput={({ currentTarget }) => (place.value = currentTarget.value)}
        />
      </label>
      <p class="actions">
        <button type="submit" class="primary">
          Join
        </button>
      </p>
    </form>
  );
}
