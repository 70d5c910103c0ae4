import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect, it } from "vitest";
import { Scrape } from "../../../test/support/metrics.ts";
import { eventually } from "../../../test/support/waiting.ts";
import { processMetrics } from "./process-metrics.ts";

const figures = ["min", "max", "mean", "p50", "p90", "p99"];

async function delays(): Promise<readonly number[]> {
  const scrape = new Scrape(await processMetrics().metrics());
  return figures.map((figure) => scrape.value(`nodejs_eventloop_lag_${figure}_seconds`));
}

it("tells of the event loop what was measured, and no number where nothing was", async () => {
  expect(await delays()).toEqual(figures.map(() => Number.NaN));
  // Measures as often, and can be asked how often it did.
  const beside = monitorEventLoopDelay({ resolution: 10 });
  beside.enable();
  await eventually(() => beside.count >= 5, { describe: "the delay of the event loop" });
  beside.disable();
  const measured = await delays();
  for (const seconds of measured) {
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60);
  }
});
