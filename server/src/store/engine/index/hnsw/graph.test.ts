import { expect, it } from "vitest";
import { randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { Graph } from "./graph.ts";

it("finds every vector that was added, by itself", () => {
  const random = seededRandom(3);
  const dimension = 16;
  const missing: string[] = [];
  for (let round = 0; round < 20; round++) {
    const graph = new Graph({
      dimension,
      quantization: "f32",
      connectivity: 16,
      expansionAdd: 128,
    });
    const vectors = Array.from({ length: 400 }, () => randomUnitVector(dimension, random));
    for (let start = 0; start < vectors.length; start += 16) {
      const slice = vectors.slice(start, start + 16);
      graph.add(
        slice.map((_, index) => start + index),
        slice,
      );
    }
    for (const [key, found] of graph.search(vectors, 9, 64).entries()) {
      if (!found.some((candidate) => candidate.key === key)) missing.push(`${round}:${key}`);
    }
  }
  expect(missing).toEqual([]);
});
