import { expect, test } from "vitest";
import { cosineDistance } from "../../test/support/data/vectors.ts";
import { generateDataset, generateQueries, VectorSource } from "./dataset.ts";
import { exactAnswers, recallOf } from "./recall.ts";
import { planRequests, type SearchRequest } from "./requests.ts";

const source = new VectorSource(32, 5);
const dataset = await generateDataset(source, 400);
const queries = generateQueries(source, 6);

/** By sorting all chunks in plain JavaScript. */
function byHand({ query, filter }: SearchRequest, k: number): readonly number[] {
  const vector = queries[query] ?? [];
  return Array.from({ length: dataset.count }, (_, row) => row)
    .filter((row) => filter === undefined || dataset.fields(row)[filter.field] === filter.value)
    .map((row) => ({ row, distance: cosineDistance(vector, dataset.vector(row)) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, k)
    .map(({ row }) => row);
}

test.each([undefined, "tenth", "fiftieth", "thousandth"] as const)("exact answers, filtered by %s", (field) => {
  const requests = planRequests(30, queries.length, field, 1);
  const answers = exactAnswers(dataset, queries, requests, 10);
  for (const [index, request] of requests.entries()) expect(answers[index]).toEqual(byHand(request, 10));
});

test("the plan takes every query in turn, with other values of the filter", () => {
  const plan = planRequests(200, 6, "fiftieth", 1);
  expect(plan.slice(0, 7).map(({ query }) => query)).toEqual([0, 1, 2, 3, 4, 5, 0]);
  expect(new Set(plan.map(({ filter }) => filter?.value)).size).toBeGreaterThan(30);
  expect(planRequests(200, 6, "fiftieth", 1)).toEqual(plan);
});

test("recall is the share of the true neighbours that was found", () => {
  expect(recallOf([[1, 2], [3]], [[2, 1], [3]])).toBe(1);
  expect(
    recallOf(
      [
        [1, 9],
        [8, 7],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ),
  ).toBe(0.25);
  expect(recallOf([[5]], [[]])).toBe(1);
  expect(recallOf([], [[1, 2]])).toBe(0);
});
