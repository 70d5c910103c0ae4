import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FairQueue, type Flow } from "./fair-queue.ts";

interface Item {
  readonly flow: number;
  readonly number: number;
}

const flows: readonly Flow[] = [undefined, {}, {}, {}];

const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("add" as const), flow: fc.nat(3), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ type: fc.constant("take" as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ type: fc.constant("next" as const), held: fc.nat(3) }),
    fc.record({ type: fc.constant("putBack" as const) }),
    fc.record({ type: fc.constant("remove" as const), divisor: fc.integer({ min: 2, max: 5 }) }),
  ),
  { maxLength: 60 },
);

afterEach(() => vi.restoreAllMocks());

describe("Flows that share", () => {
  it("looks once at what waits of a flow, however many of it leave in one moment, and at no other flow", () => {
    const queue = new FairQueue<object>();
    const leaving = Array.from({ length: 1000 }, () => ({}));
    queue.add("leaves", leaving);
    queue.add(
      "stays",
      Array.from({ length: 1000 }, () => ({})),
    );
    const looks = vi.spyOn(Set.prototype, "has");
    for (const item of leaving) queue.remove("leaves", [item]);
    expect(queue.waiting("leaves")).toBe(0);
    const count = looks.mock.calls.length;
    expect(count).toBeLessThanOrEqual(leaving.length);
    expect(queue.size).toBe(1000);
  });

  it("take turns, keep their order and lose nothing", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const queue = new FairQueue<Item>();
        const waiting = flows.map((): Item[] => []);
        /** Turns that others had while the flow waited, for each of them. */
        const passed = flows.map(() => flows.map(() => 0));
        let next = 0;
        for (const step of list) {
          if (step.type === "add") {
            const items = Array.from({ length: step.count }, () => ({ flow: step.flow, number: next++ }));
            if (waiting[step.flow]?.length === 0) passed[step.flow]?.fill(0);
            waiting[step.flow]?.push(...items);
            queue.add(flows[step.flow], items);
          } else if (step.type === "remove") {
            const unwanted = waiting.flat().filter(({ number }) => number % step.divisor === 0);
            for (const items of waiting) items.splice(0, Infinity, ...items.filter((item) => !unwanted.includes(item)));
            // Wherever they wait: what is not in a flow is not taken out of it.
            for (const flow of flows) queue.remove(flow, unwanted);
          } else if (step.type === "next") {
            const item = queue.next((flow) => flow !== flows[step.held]);
            const free = waiting.filter((items, flow) => flow !== step.held && items.length > 0);
            expect(item === undefined).toBe(free.length === 0);
            if (item === undefined) continue;
            expect(item).toEqual(waiting[item.flow]?.shift());
            for (const turns of passed) turns[item.flow] = 0;
            passed[item.flow]?.fill(0);
          } else if (step.type === "putBack") {
            const item = queue.next();
            if (item === undefined) continue;
            queue.putBack(flows[item.flow], [item]);
          } else {
            const taken = queue.take((items) => Math.min(items.length, step.count));
            const flow = taken[0]?.flow;
            expect(flow === undefined).toBe(waiting.flat().length === 0);
            if (flow === undefined) continue;
            expect(taken).toEqual(waiting[flow]?.splice(0, step.count));
            passed[flow]?.fill(0);
            for (const [other, items] of waiting.entries()) {
              const turns = passed[other];
              if (other === flow || items.length === 0 || turns === undefined) continue;
              turns[flow] = (turns[flow] ?? 0) + 1;
              // Nobody has a second turn while another waits for the first.
              expect(turns[flow]).toBe(1);
            }
          }
        }
        expect(queue.size).toBe(waiting.flat().length);
        const rest = queue.clear();
        expect(rest.toSorted((a, b) => a.number - b.number)).toEqual(
          waiting.flat().toSorted((a, b) => a.number - b.number),
        );
        expect(queue.empty).toBe(true);
      }),
    );
  });
});
