import { signal } from "@preact/signals";

const message = signal("");
let waiting: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Milliseconds between two messages, so that a reader of the screen can keep up. */
const pause = 2_000;

/** Announces a text to screen readers; of several at a time, the last one is announced. */
export function announce(text: string): void {
  waiting = text;
  timer ??= setTimeout(
    () => {
      timer = undefined;
      message.value = waiting ?? "";
      waiting = undefined;
    },
    message.value === "" ? 100 : pause,
  );
}

export function Announcer() {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {message.value}
    </p>
  );
}
