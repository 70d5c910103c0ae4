import { describe, expect, it } from "vitest";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../test/support/vectors.ts";
import { defaultThresholds, LibraryIndex } from "./library-index.ts";

const dimension = 24;
const thresholds = { ...defaultThresholds, flatLimit: 20, tailLimit: 60, slice: 8 };

function filled(count: number, random = seededRandom(5)) {
  const index = new LibraryIndex(dimension, thresholds);
  const vectors = Array.from({ length: count }, () => randomUnitVector(dimension, random));
  for (const [key, vector] of vectors.entries()) index.add(key + 1, vector);
  return { index, vectors };
}

function settle(index: LibraryIndex): void {
  while (index.migrating) index.migrate();
}

const nearestKey = (index: LibraryIndex, query: Float32Array) =>
  index.search([query], 1)[0]?.items.toSorted((a, b) => a.distance - b.distance)[0]?.key;

describe("The index of a library", () => {
  it("compares everything while it is small", () => {
    const { index, vectors } = filled(20);
    expect(index.migrating).toBe(false);
    const [found] = index.search([vectors[3] ?? new Float32Array()], 5);
    expect(found).toMatchObject({ exact: true, short: false });
    expect(found?.items[0]?.key).toBe(4);
    expect(index.search([vectors[3] ?? new Float32Array()], 20)[0]?.reach).toBe(Infinity);
  });

  it("lets nothing out of sight at any step of the change-over", () => {
    const { index, vectors } = filled(60);
    expect([index.graphSize, index.migrating]).toEqual([0, true]);
    while (index.migrating) {
      index.migrate();
      expect(index.size).toBe(60);
      for (const [row, vector] of vectors.entries()) expect(nearestKey(index, vector)).toBe(row + 1);
    }
    expect(index.graphSize).toBe(60);
  });

  it("makes a writer wait rather than let the tail grow", () => {
    const { index } = filled(500);
    expect(index.size - index.graphSize).toBeLessThanOrEqual(thresholds.tailLimit);
  });

  it("forgets what was removed, from the graph and from the tail", () => {
    const { index, vectors } = filled(100);
    const removed = vectors.flatMap((_vector, row) => (row % 2 === 0 ? [row + 1] : []));
    index.remove([...removed, 5_000]);
    expect(index.size).toBe(50);
    settle(index);
    for (const [row, vector] of vectors.entries()) {
      const found = nearestKey(index, vector);
      if (row % 2 === 0) expect(removed).not.toContain(found);
      else expect(found).toBe(row + 1);
    }
  });

  it("works on when nearly all, then all, was removed from the graph, and it is filled again", () => {
    const { index, vectors } = filled(200);
    settle(index);
    index.remove(
      vectors
        .keys()
        .map((row) => row + 1)
        .filter((key) => key > 2)
        .toArray(),
    );
    expect(
      index
        .search([vectors[0] ?? new Float32Array()], 2)[0]
        ?.items.map(({ key }) => key)
        .toSorted(),
    ).toEqual([1, 2]);
    index.remove([1, 2]);
    expect(index.size).toBe(0);
    expect(index.search([vectors[0] ?? new Float32Array()], 3)).toEqual([
      { items: [], exact: true, reach: Infinity, short: false },
    ]);
    for (const [row, vector] of vectors.entries()) index.add(row + 1_000, vector);
    settle(index);
    expect(index.graphSize).toBe(200);
    for (const [row, vector] of vectors.entries()) expect(nearestKey(index, vector)).toBe(row + 1_000);
  });

  it("finds at least 95 of 100 nearest through the graph, of vectors that stand in clusters", () => {
    const random = seededRandom(17);
    const centres = Array.from({ length: 40 }, () => randomUnitVector(dimension, random));
    const near = () => {
      const centre = centres[Math.floor(random() * centres.length)] ?? new Float32Array(dimension);
      const noise = randomUnitVector(dimension, random);
      const sum = centre.map((number, place) => number + 0.5 * (noise[place] ?? 0));
      const length = Math.hypot(...sum);
      return sum.map((number) => number / length);
    };
    const index = new LibraryIndex(dimension, { ...thresholds, slice: 64 });
    const vectors = Array.from({ length: 5_000 }, near);
    for (const [key, vector] of vectors.entries()) index.add(key, vector);
    settle(index);
    const queries = Array.from({ length: 50 }, near);
    const answers = index.search(queries, 18);
    let found = 0;
    for (const [row, query] of queries.entries()) {
      const truth = vectors
        .map((vector, key) => ({ key, distance: cosineDistance(query, vector) }))
        .toSorted((a, b) => a.distance - b.distance)
        .slice(0, 10);
      const keys = new Set(answers[row]?.items.map(({ key }) => key));
      found += truth.filter(({ key }) => keys.has(key)).length;
    }
    expect(answers.every(({ exact, short }) => !exact && !short)).toBe(true);
    expect(found / (queries.length * 10)).toBeGreaterThan(0.95);
  });
});
