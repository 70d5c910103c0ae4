import { expect, test } from "vitest";
import { cosineDistance } from "../../test/support/data/vectors.ts";
import {
  filterFieldNames,
  filterFields,
  firstRows,
  generateDataset,
  generateQueries,
  VectorSource,
} from "./dataset.ts";

const dimension = 64;

test("the same seed makes the same chunks, and another seed others", async () => {
  const first = await generateDataset(new VectorSource(dimension, 7), 20);
  const again = await generateDataset(new VectorSource(dimension, 7), 20);
  const other = await generateDataset(new VectorSource(dimension, 8), 20);
  expect(again.vectors).toEqual(first.vectors);
  expect(again.fields(11)).toEqual(first.fields(11));
  expect(other.vectors).not.toEqual(first.vectors);
});

test("a smaller set is the beginning of a larger one", async () => {
  const source = new VectorSource(dimension, 7);
  const large = await generateDataset(source, 700);
  const small = await generateDataset(source, 600);
  expect(firstRows(large, 600).vectors).toEqual(small.vectors);
  expect(large.fields(599)).toEqual(small.fields(599));
});

test("vectors have length 1, and queries are none of the chunks", async () => {
  const source = new VectorSource(dimension, 7);
  const dataset = await generateDataset(source, 200);
  const queries = generateQueries(source, 10);
  for (const vector of [dataset.vector(0), dataset.vector(199), ...queries])
    expect(cosineDistance(vector, vector)).toBeCloseTo(0, 5);
  for (const query of queries)
    for (let row = 0; row < dataset.count; row++)
      expect(cosineDistance(query, dataset.vector(row))).toBeGreaterThan(0.001);
});

test("vectors lie in clusters: a nearest neighbour is far nearer than a vector of uniform noise would have one", async () => {
  const source = new VectorSource(1_024, 7);
  const dataset = await generateDataset(source, 2_000);
  const [query = new Float32Array(1_024)] = generateQueries(source, 1);
  const distances = Array.from({ length: dataset.count }, (_, row) => cosineDistance(query, dataset.vector(row)));
  expect(Math.min(...distances)).toBeLessThan(0.5);
  expect(distances.reduce((sum, distance) => sum + distance, 0) / distances.length).toBeGreaterThan(0.8);
});

test("a value of a field keeps about as many chunks as its name says", async () => {
  const dataset = await generateDataset(new VectorSource(8, 7), 20_000);
  for (const name of filterFieldNames) {
    const kept = Array.from({ length: dataset.count }, (_, row) => dataset.fields(row)[name]);
    expect(new Set(kept).size).toBe(filterFields[name]);
    const share = kept.filter((value) => value === 3).length / dataset.count;
    expect(share).toBeGreaterThan(0.5 / filterFields[name]);
    expect(share).toBeLessThan(2 / filterFields[name]);
  }
});
