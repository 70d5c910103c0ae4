import type { ServerResponse } from "node:http";

/** Calls back once when the answer has left or its client is gone; at once where that is so already. */
export function whenClosed(response: ServerResponse, run: () => void): void {
  if (response.closed || response.destroyed) run();
  else response.once("close", run);
}
