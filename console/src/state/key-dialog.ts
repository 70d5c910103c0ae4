import { effect, signal } from "@preact/signals";
import { refusal } from "./server.ts";

/** Whether the page is asking for a key. */
export const asking = signal(false);

/** As soon as the server refuses the page, and not any more when it does not. */
effect(() => {
  asking.value = refusal.value !== undefined;
});

/** Opens the dialog, to use another key. */
export function askForKey(): void {
  asking.value = true;
}
