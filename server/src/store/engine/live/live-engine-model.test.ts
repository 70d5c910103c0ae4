import * as fc from "fast-check";
import { expect, it } from "vitest";
import { directions, LiveQueriesModel } from "../../../../../test/support/data/live-query-model.ts";

const direction = fc.nat(directions - 1);
const library = fc.constantFrom("one", "one", "one", "other");
const steps = fc.oneof(
  {
    weight: 64,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      library,
      added: fc.array(direction, { maxLength: 12, size: "max" }),
      removed: fc.array(fc.nat(100), { maxLength: 6 }),
      patched: fc.array(fc.nat(100), { maxLength: 6 }),
    }),
  },
  {
    weight: 32,
    arbitrary: fc.record({
      type: fc.constant("watch" as const),
      library,
      direction,
      k: fc.constantFrom(1, 2, 5),
      maxDistance: fc.option(fc.constantFrom(0, 0.1, 0.5), { nil: undefined }),
      kind: fc.constantFrom(undefined, undefined, undefined, 0, 1),
    }),
  },
  { weight: 16, arbitrary: fc.record({ type: fc.constant("end" as const), number: fc.nat(20) }) },
  { weight: 32, arbitrary: fc.record({ type: fc.constant("answer" as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 96, arbitrary: fc.record({ type: fc.constant("turn" as const), count: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 40, arbitrary: fc.record({ type: fc.constant("updates-received" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("clear" as const),
      library,
      direction,
      count: fc.integer({ min: 5, max: 30 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("rest" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("drop" as const) }) },
);

it("show what was true at some position, each later than the one before, and at rest what a new search would find", () => {
  let compared = 0;
  let refilled = 0;
  const property = fc.property(fc.array(steps, { minLength: 20, maxLength: 200 }), (script) => {
    const model = new LiveQueriesModel();
    for (const step of script) {
      if (step.type === "commit") model.commit(step.library, step.added, step.removed, step.patched);
      else if (step.type === "clear") model.clear(step.library, step.direction, step.count);
      else if (step.type === "watch") model.watch(step.library, step.direction, step);
      else if (step.type === "end") model.end(step.number);
      else if (step.type === "answer") model.answer(step.count);
      else if (step.type === "turn") for (let turns = 0; turns < step.count; turns++) model.turn();
      else if (step.type === "updates-received") model.updatesReceived();
      else if (step.type === "drop") model.drop("other");
      else {
        model.rest();
        model.check();
      }
    }
    model.rest();
    model.check();
    compared += model.compared;
    refilled += model.refilled;
  });
  fc.assert(property, { numRuns: 1000 });
  expect([compared > 1_000, refilled > 20]).toEqual([true, true]);
});
