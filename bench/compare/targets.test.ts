import { expect, test } from "vitest";
import { exampleEngine, exampleResult } from "./example-result.ts";
import { evaluateTargets } from "./targets.ts";

const find = (result: Parameters<typeof evaluateTargets>[0], name: string) =>
  evaluateTargets(result).find((target) => target.name.startsWith(name));

test("ratios are taken within the run", () => {
  expect(find(exampleResult, "searches, 8 in flight: of bare usearch")).toMatchObject({ found: "75.0%", met: true });
  expect(find(exampleResult, "searches, 32 in flight: of the best peer (Peer & Sons)")).toMatchObject({
    found: "6.00 x",
    met: true,
    note: null,
  });
  expect(find(exampleResult, "keeping 10%, 8 in flight: of unfiltered")).toMatchObject({ found: "50.0%", met: true });
  expect(find(exampleResult, "memory for a chunk")).toMatchObject({ found: "2.93 KB", met: true });
  expect(find(exampleResult, "search p99 under ingestion")).toMatchObject({ found: "10.0 x", met: false });
  expect(find(exampleResult, "p50 from 1,000 chunks")).toMatchObject({ found: "2.50 x", met: true });
});

test("a rate without the recall does not count", () => {
  const engines = [exampleEngine("usearch", 4_000), exampleEngine("arrwDB", 3_000, { recall: 0.98 })];
  expect(find({ ...exampleResult, engines }, "searches, 8 in flight")).toMatchObject({
    met: false,
    note: "recall 0.980",
  });
});

test("another size than the target's is said", () => {
  const data = { ...exampleResult.data, chunks: 10_000 };
  expect(find({ ...exampleResult, data }, "searches, 8 in flight")?.note).toBe("at 10,000 chunks instead of 50,000");
});

test("a peer that indexes at the end is no measure for ingestion", () => {
  const engines = [exampleEngine("arrwDB", 3_000), exampleEngine("Late", 9_000, { indexesWhileIngesting: false })];
  expect(find({ ...exampleResult, engines }, "ingestion: of the best peer")).toBeUndefined();
});

test("what was not measured has no target", () => {
  const nothing = { ...exampleResult, engines: [], scaling: [], ingestUnderSearch: null, restart: [] };
  expect(evaluateTargets(nothing)).toEqual([]);
});
