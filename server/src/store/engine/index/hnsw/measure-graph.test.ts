import { expect, it, vi } from "vitest";
import { randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { CodeRows } from "../../vectors/code-rows.ts";
import { encode } from "../../vectors/codes.ts";
import { Graph } from "./graph.ts";
import { measureGraph } from "./measure-graph.ts";

it("examines few candidates at a time, however many a walk needs", () => {
  const random = seededRandom(1);
  const graph = new Graph({ dimension: 16, quantization: "i8", connectivity: 16, expansionAdd: 64 });
  const rows = new CodeRows(16);
  for (let key = 1; key <= 1_500; key++) {
    const { bytes } = encode(randomUnitVector(16, random));
    rows.add(key, bytes);
    graph.add([key], [bytes]);
  }
  const queries = Array.from({ length: 20 }, () => randomUnitVector(16, random));
  let examined = 0;
  const search = graph.search.bind(graph);
  vi.spyOn(graph, "search").mockImplementation((vectors, count, effort) => {
    examined += vectors.length * effort;
    return search(vectors, count, effort);
  });
  const slices: number[] = [];
  const measuring = measureGraph(graph, rows, [queries], 896);
  for (let step = measuring.next(); ; step = measuring.next()) {
    slices.push(examined);
    examined = 0;
    if (step.done !== true) continue;
    expect(step.value).toMatchObject({ near: 896, queries: 20 });
    break;
  }
  expect(Math.max(...slices)).toBeLessThanOrEqual(2_000);
  expect(slices.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(896 * 1_500);
});
