import type { Grant } from "arrwdb-client";
import { plural } from "../format.ts";
import { askForKey } from "../state/key-dialog.ts";
import { forgetKey, grant } from "../state/server.ts";

const scopes: Readonly<Record<Grant["scope"], string>> = {
  read: "read only",
  write: "read and write",
  admin: "full access",
};

const date = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

function reachOf({ libraries, expires_at: end }: Grant): string {
  const where = libraries === null ? "" : ` in ${plural(libraries.length, "library", "libraries")}`;
  return where + (end === null ? "" : `, until ${date.format(new Date(end))}`);
}

/** The current key, and what it allows. Empty if the server requires none. */
export function KeyCard() {
  const held = grant.value;
  if (held === undefined || held.key_id === null) return null;
  return (
    <div class="key-card">
      <p>
        Key <b>{held.name}</b>
        <span class="hint">
          {scopes[held.scope]}
          {reachOf(held)}
        </span>
      </p>
      <p class="actions">
        <button type="button" class="quiet" onClick={askForKey}>
          Change
        </button>
        <button type="button" class="quiet" onClick={forgetKey} aria-label="Forget the key">
          Forget
        </button>
      </p>
    </div>
  );
}
