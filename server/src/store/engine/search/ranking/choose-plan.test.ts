import { expect, it } from "vitest";
import { randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { choosePlan } from "./choose-plan.ts";

const search = { vector: randomUnitVector(8, seededRandom(1)), k: 1, filter: { colour: "red" } };
/** A quarter of a vector is what comparing it with all others costs. */
const index = (walkCost: number) => ({ exact: false, size: 5_200, pending: 0, walkCost: () => walkCost });
const some = (count: number) => ({ count, exact: true });

it("A graph that is too hard to walk for everything is not walked for what passes a filter either", () => {
  const chosen = (walkCost: number, count?: number) =>
    choosePlan(index(walkCost), search, count === undefined ? undefined : some(count), 1);
  expect([chosen(1_200), chosen(1_200, 2_600), chosen(1_200, 1_000)]).toEqual(["walk", "walk", "scan"]);
  expect([chosen(1_644), chosen(1_644, 2_600), chosen(1_644, 5_000)]).toEqual(["scan", "scan", "scan"]);
  expect([chosen(Infinity), chosen(Infinity, 2_600), chosen(1_200, 0), chosen(1_200, 50)]).toEqual([
    "scan",
    "scan",
    "none",
    "read",
  ]);
});
