/**
 * Test files with a process of their own. All others share one for each worker, where the server's modules are loaded once
 * for all; these measure what the whole process takes, or change it.
 */
export const aloneFiles: readonly string[] = [
  "server/src/core/ingestion/lines.test.ts",
  "server/src/core/events/recent-events.test.ts",
  "server/src/telemetry/process-metrics.test.ts",
  "test/integration/bad-lines.test.ts",
  "test/integration/webhooks-hostile.test.ts",
];
