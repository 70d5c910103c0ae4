import type { ServerResponse } from "node:http";

/** Calls back once when the response was sent or its client disconnected; at once if that has happened. */
export function whenClosed(response: ServerResponse, run: () => void): void {
  if (response.closed || response.destroyed) run();
  else response.once("close", run);
}
