import { useSignal } from "@preact/signals";
import { Alert } from "../components/alert.tsx";
import { Dialog } from "../components/dialog.tsx";
import { refreshLibraries } from "../state/libraries.ts";
import { addressOf, go } from "../state/route.ts";
import { client, noteError } from "../state/server.ts";

export function CreateLibrary({ onClose }: { readonly onClose: () => void }) {
  const name = useSignal("");
  const description = useSignal("");
  const error = useSignal("");
  const create = async (event: Event) => {
    event.preventDefault();
    try {
      const about = description.value.trim();
      const library = await client.value.libraries.create({
        name: name.value.trim(),
        description: about === "" ? null : about,
      });
      await refreshLibraries();
      onClose();
      go(addressOf.library(library.id, "add"));
    } catch (problem) {
      error.value = noteError(problem);
    }
  };
  return (
    <Dialog title="New library" onClose={onClose}>
      <form onSubmit={(event) => void create(event)}>
        <label class="field">
          Name
          <input
            required
            maxLength={2_000}
            value={name.value}
            onInput={({ currentTarget }) => (name.value = currentTarget.value)}
          />
        </label>
        <label class="field">
          Description (optional)
          <input value={description.value} onInput={({ currentTarget }) => (description.value = currentTarget.value)} />
        </label>
        <p class="hint">Texts are embedded with the server's default model.</p>
        <Alert text={error.value} />
        <p class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Create
          </button>
        </p>
      </form>
    </Dialog>
  );
}
