import { collectDefaultMetrics, Registry } from "prom-client";

let shared: Registry | undefined;

/** The metrics of this process, such as its memory and the delay of its event loop: one set, however many servers it has. */
export function processMetrics(): Registry {
  if (shared === undefined) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
    // Gauges with the name of a counter, which are there without the suffix as well.
    for (const kind of ["handles", "requests", "resources"]) shared.removeSingleMetric(`nodejs_active_${kind}_total`);
  }
  return shared;
}
