import { useSignal } from "@preact/signals";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Dialog } from "../components/dialog.tsx";
import { asking, askForKey } from "../state/key-dialog.ts";
import { awaySince, changeKey, lookAgain, refusal } from "../state/server.ts";

/** Asks for an API key as soon as the server requires one, and when the user wants to change it. */
export function KeyPrompt() {
  const why = refusal.value;
  if (!asking.value) return null;
  const title = why === undefined ? "Change API key" : why.hadKey ? "API key rejected" : "API key required";
  return (
    <Dialog title={title} onClose={() => (asking.value = false)}>
      {why?.hadKey === true && <p>{why.reason}.</p>}
      <KeyForm />
    </Dialog>
  );
}

function KeyForm() {
  const text = useSignal("");
  const fault = useSignal("");
  const busy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await changeKey(text.value.trim());
      asking.value = false;
      announce("API key accepted");
    } catch (error) {
      // An invalid new key does not affect the current one.
      const mistyped = error instanceof TypeError;
      fault.value = mistyped ? "Not a valid key: keys consist of letters, digits and - . _ ~." : messageOf(error);
    }
    busy.value = false;
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label class="field">
        API key
        <input
          type="password"
          required
          autocomplete="off"
          spellcheck={false}
          aria-describedby="key-hint"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <Alert text={fault.value} />
      <p class="hint" id="key-hint">
        Kept in this tab until you close it, and sent only to this server.
      </p>
      <p class="actions">
        <button type="submit" class="primary" disabled={busy.value}>
          Sign in
        </button>
      </p>
    </form>
  );
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** A banner above every view while the server refuses the key, with the remedy. */
export function RefusalBanner() {
  const why = refusal.value;
  return (
    <div role="status">
      {why !== undefined && awaySince.value === undefined && (
        <p class="banner">
          <span>{why.hadKey ? `${why.reason}. Showing stale data.` : "API key required."}</span>
          <button type="button" onClick={askForKey}>
            Enter API key
          </button>
          <button type="button" onClick={() => void lookAgain()}>
            Retry
          </button>
        </p>
      )}
    </div>
  );
}
