import { describe, expect, it } from "vitest";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import type { Proposal } from "../vector-index.ts";
import { Graph } from "./graph.ts";
import { HnswIndex } from "./hnsw-index.ts";

const dimension = 24;

type Quantization = "i8" | "f16" | "f32";

function filled(count: number, quantization: Quantization = "i8") {
  const random = seededRandom(5);
  const vectors = Array.from({ length: count }, () => randomUnitVector(dimension, random));
  const graph = new Graph({ dimension, quantization, connectivity: 16, expansionAdd: 128 });
  const index = new HnswIndex({ graph, source: (key) => vectors[key - 1], slice: 8, effort: 64 });
  for (const [row, vector] of vectors.entries()) index.add(row + 1, vector);
  return { index, vectors };
}

function settle(index: HnswIndex): void {
  while (index.work());
}

const nearestKey = (index: HnswIndex, query: Float32Array) =>
  index.search([query], 3)[0]?.items.toSorted((a, b) => a.distance - b.distance)[0]?.key;

describe("An index by a graph", () => {
  for (const quantization of ["i8", "f16", "f32"] as const) {
    it(`of ${quantization} lets nothing out of sight while vectors move into the graph`, () => {
      const { index, vectors } = filled(60, quantization);
      expect(index.pending).toBe(60);
      do {
        expect(index.size).toBe(60);
        for (const [row, vector] of vectors.entries()) expect(nearestKey(index, vector)).toBe(row + 1);
      } while (index.work());
      expect(index.pending).toBe(0);
    });
  }

  it("promises what it can: all while nothing is in the graph, nothing after that", () => {
    const { index, vectors } = filled(100);
    const [query] = vectors;
    if (query === undefined) throw new Error("no query");
    const [before] = index.search([query], 5);
    expect(before?.completeBelow).toBeGreaterThan(0);
    expect(index.search([query], 100)[0]?.completeBelow).toBe(Infinity);
    settle(index);
    expect(index.search([query], 5)[0]?.completeBelow).toBe(-Infinity);
    expect(index.compareAll(query, 5).completeBelow).toBeGreaterThan(0);
  });

  it("compares all, or some, however many are in the graph", () => {
    const { index, vectors } = filled(100);
    for (let slice = 0; slice < 6; slice++) index.work();
    const query = randomUnitVector(dimension, seededRandom(77));
    const truth = (keys: readonly number[]) =>
      keys.toSorted(
        (a, b) => cosineDistance(query, vectors[a - 1] ?? []) - cosineDistance(query, vectors[b - 1] ?? []),
      );
    const every = Array.from({ length: 100 }, (_each, row) => row + 1);
    const even = every.filter((key) => key % 2 === 0);
    const keysOf = ({ items }: ReturnType<HnswIndex["compareAll"]>) => items.map(({ key }) => key);
    // Bytes may order those differently that are nearly as far.
    for (const [found, right] of [
      [keysOf(index.compareAll(query, 20)), truth(every)],
      [keysOf(index.compareSome(query, even, 20)), truth(even)],
    ] as const) {
      expect(found).toHaveLength(20);
      expect(right.slice(0, 10).filter((key) => !found.includes(key))).toEqual([]);
    }
  });

  it("is compared as it was at one moment, whatever comes and goes meanwhile", () => {
    const random = seededRandom(6);
    // Each vector is there three times.
    const distinct = Array.from({ length: 3_000 }, () => randomUnitVector(dimension, random));
    const vectorOf = (key: number) => distinct[key % 3_000] ?? new Float32Array(dimension);
    const graph = new Graph({ dimension, quantization: "i8", connectivity: 4, expansionAdd: 16 });
    const index = new HnswIndex({ graph, source: vectorOf, slice: 64, effort: 16 });
    const there: number[] = [];
    let last = 0;
    const add = () => {
      index.add(++last, vectorOf(last));
      there.push(last);
    };
    for (let count = 0; count < 9_000; count++) add();
    // Some are in the graph, some are not.
    while (index.pending > 4_300) index.work();
    const found = ({ items }: Proposal) => items.map(({ key, distance }) => `${key} ${distance.toFixed(5)}`).toSorted();
    for (let round = 0; round < 4; round++) {
      const query = randomUnitVector(dimension, random);
      const odd = new Set(there.filter((key) => key % 2 === 1));
      const some = { count: odd.size, has: (key: number) => odd.has(key), keys: () => odd };
      const frozen = index.freeze();
      const before = [index.compareAll(query, 10_000), index.compareSome(query, odd, 10_000)];
      const after = [frozen.compareAll(query, 10_000), frozen.compareSome(query, some, 10_000)].map((steps) => {
        for (;;) {
          const { done, value } = steps.next();
          if (done === true) return value;
          for (let change = 0; change < 100; change++) {
            add();
            index.remove(there.splice(Math.floor(random() * there.length), 1));
          }
          index.work();
        }
      });
      frozen.end();
      expect(after.map(found)).toEqual(before.map(found));
    }
  });

  it("forgets what was removed, from the graph and from the tail, and counts it", () => {
    const { index, vectors } = filled(100);
    for (let slice = 0; slice < 6; slice++) index.work();
    const removed = vectors.flatMap((_vector, row) => (row % 2 === 0 ? [row + 1] : []));
    index.remove([...removed, 5_000]);
    expect(index.size).toBe(50);
    settle(index);
    for (const [row, vector] of vectors.entries()) {
      const found = nearestKey(index, vector);
      if (row % 2 === 0) expect(removed).not.toContain(found);
      else expect(found).toBe(row + 1);
    }
    expect(index.deletedFraction).toBeGreaterThan(0.2);
  });

  it("works on when all was removed from the graph, and it is filled again", () => {
    const { index, vectors } = filled(200);
    settle(index);
    index.remove(Array.from({ length: 200 }, (_each, row) => row + 1));
    expect(index.size).toBe(0);
    expect(index.search([vectors[0] ?? new Float32Array()], 3)).toMatchObject([{ items: [], completeBelow: Infinity }]);
    for (const [row, vector] of vectors.entries()) index.add(row + 1_000, vector);
    settle(index);
    for (const [row, vector] of vectors.entries()) expect(nearestKey(index, vector)).toBe(row + 1_000);
  });

  it("finds at least 95 of 100 nearest of vectors that stand in clusters", () => {
    const random = seededRandom(17);
    const centres = Array.from({ length: 40 }, () => randomUnitVector(dimension, random));
    const near = () => {
      const centre = centres[Math.floor(random() * centres.length)] ?? new Float32Array(dimension);
      const noise = randomUnitVector(dimension, random);
      const sum = centre.map((number, place) => number + 0.5 * (noise[place] ?? 0));
      const length = Math.hypot(...sum);
      return sum.map((number) => number / length);
    };
    const { index } = filled(0);
    const vectors = Array.from({ length: 5_000 }, near);
    for (const [key, vector] of vectors.entries()) index.add(key, vector);
    settle(index);
    const queries = Array.from({ length: 50 }, near);
    const answers = index.search(queries, 16);
    let found = 0;
    for (const [row, query] of queries.entries()) {
      const truth = vectors
        .map((vector, key) => ({ key, distance: cosineDistance(query, vector) }))
        .toSorted((a, b) => a.distance - b.distance)
        .slice(0, 10);
      const keys = new Set(answers[row]?.items.map(({ key }) => key));
      found += truth.filter(({ key }) => keys.has(key)).length;
    }
    expect(found / (queries.length * 10)).toBeGreaterThan(0.95);
  });
});
