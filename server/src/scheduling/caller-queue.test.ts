import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallerQueue } from "./caller-queue.ts";

interface Item {
  readonly caller: number;
  readonly flow: number;
  readonly number: number;
}

const callers = [undefined, "a", "b"];
const flows = ["x", "y", "z"];

const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("add" as const), caller: fc.nat(2), flow: fc.nat(2), count: fc.nat(6) }),
    fc.record({ type: fc.constant("next" as const), held: fc.nat(3) }),
    fc.record({ type: fc.constant("more" as const), flow: fc.nat(2), most: fc.nat(5), divisor: fc.nat(3) }),
    fc.record({ type: fc.constant("clear" as const) }),
  ),
  { maxLength: 60 },
);

describe("Callers that share", () => {
  it("take turns, keep the order of each flow and lose nothing", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const queue = new CallerQueue<Item>();
        let waiting: readonly Item[] = [];
        const taken = (item: Item) => {
          const isAlike = (other: Item) => other.caller === item.caller && other.flow === item.flow;
          expect(waiting.find(isAlike)).toBe(item);
          waiting = waiting.filter((other) => other !== item);
        };
        let number = 0;
        for (const step of list) {
          if (step.type === "add") {
            const { caller, flow, count } = step;
            const items = Array.from({ length: count }, () => ({ caller, flow, number: number++ }));
            queue.add(callers[caller], flows[flow], items);
            waiting = [...waiting, ...items];
          } else if (step.type === "next") {
            const item = queue.next((flow) => flow !== flows[step.held]);
            expect(item === undefined).toBe(waiting.every(({ flow }) => flow === step.held));
            if (item !== undefined) taken(item);
          } else if (step.type === "more") {
            const isWanted = (item: Item) => step.divisor === 0 || item.number % step.divisor === 0;
            const more = queue.more(flows[step.flow], step.most, isWanted);
            expect(more.length).toBeLessThanOrEqual(step.most);
            expect(more.every((item) => item.flow === step.flow && isWanted(item))).toBe(true);
            for (const item of more) taken(item);
          } else {
            expect(new Set(queue.clear())).toEqual(new Set(waiting));
            waiting = [];
          }
          expect({ size: queue.size, empty: queue.empty }).toEqual({
            size: waiting.length,
            empty: waiting.length === 0,
          });
        }
      }),
    );
  });

  it("wait for one turn of each other caller, however much these ask for and of how many flows", () => {
    const queue = new CallerQueue<string>();
    for (const flow of flows) queue.add("greedy", flow, [`${flow}1`, `${flow}2`]);
    queue.next();
    queue.add("modest", "x", ["modest 1", "modest 2"]);
    const order = Array.from({ length: queue.size }, () => queue.next());
    expect(order).toEqual(["y1", "modest 1", "z1", "modest 2", "x2", "y2", "z2"]);
  });
});
