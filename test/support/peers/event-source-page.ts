/** What listens in a real browser, bundled with the library and called by name from the test. */
import { fetchEventSource } from "@microsoft/fetch-event-source";

interface Heard {
  /** What `onmessage` was given, parsed. */
  readonly messages: { readonly name: string; readonly id: string; readonly data: unknown }[];
  readonly errors: string[];
}

const heard = { browser: nothing(), library: nothing() };
const ended: string[] = [];

function nothing(): Heard {
  return { messages: [], errors: [] };
}

function listen(url: string): void {
  const source = new EventSource(url);
  source.addEventListener("message", ({ type, lastEventId, data }) =>
    heard.browser.messages.push({ name: type, id: lastEventId, data: JSON.parse(String(data)) }),
  );
  source.addEventListener("error", () => heard.browser.errors.push(`ready state ${source.readyState}`));
  source.addEventListener("ended", (event) => ended.push("data" in event ? String(event.data) : ""));
  void fetchEventSource(url, {
    openWhenHidden: true,
    onmessage: ({ event, id, data }) => heard.library.messages.push({ name: event, id, data: JSON.parse(data) }),
    // It takes the end of a stream for the end of all, unless it is told otherwise.
    onclose: () => {
      throw new Error("closed");
    },
    onerror: (error) => void heard.library.errors.push(String(error)),
  }).catch((error: unknown) => heard.library.errors.push(`gave up: ${String(error)}`));
}

Object.assign(globalThis, { page: { listen, heard: () => heard, ended: () => ended } });
