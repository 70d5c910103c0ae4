/** Test files that take longest, longest first. It need not be exact, as it orders them alone. */
export const longFiles: readonly string[] = [
  "test/conformance/embedded-store.test.ts",
  "test/conformance/embedded-store-graph.test.ts",
  "test/conformance/embedded-store-lists.test.ts",
  "test/integration/hostile-peers.test.ts",
  "test/integration/docs.test.ts",
  "test/integration/console.test.ts",
  "test/integration/console-day.test.ts",
  "test/integration/cli-documents.test.ts",
  "test/integration/cli-transfer.test.ts",
  "test/integration/cli-examples.test.ts",
  "test/integration/cli-backup.test.ts",
  "test/integration/relevance.test.ts",
  "test/integration/start.test.ts",
  "test/integration/event-streams.test.ts",
  "test/integration/full-disk-start.test.ts",
];
