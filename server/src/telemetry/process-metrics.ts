import { collectDefaultMetrics, Registry } from "prom-client";

let shared: Registry | undefined;

/** The metrics of this process, such as its memory and the delay of its event loop: one set, however many servers it has. */
export function processMetrics(): Registry {
  if (shared === undefined) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
  }
  return shared;
}
