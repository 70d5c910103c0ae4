import { useSignal } from "@preact/signals";
import { Dialog } from "../components/dialog.tsx";
import { keyWanted, useKey } from "../state/server.ts";

/** Asks for an API key where the server wants one. */
export function KeyPrompt() {
  const text = useSignal("");
  if (!keyWanted.value) return null;
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.value.trim() !== "") useKey(text.value.trim());
    text.value = "";
  };
  return (
    <Dialog title="This server wants a key" onClose={() => (keyWanted.value = false)}>
      <form onSubmit={submit}>
        <label class="field">
          API key
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={text.value}
            onInput={({ currentTarget }) => (text.value = currentTarget.value)}
          />
        </label>
        <p class="hint">It is kept in this tab until you close it, and sent to this server alone.</p>
        <p class="actions">
          <button type="submit" class="primary">
            Use this key
          </button>
        </p>
      </form>
    </Dialog>
  );
}
