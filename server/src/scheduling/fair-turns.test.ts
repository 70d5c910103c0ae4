import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairTurns } from "./fair-turns.ts";

interface Running {
  readonly flow: string;
  readonly end: () => void;
}

/** Turns that end when the test says so. */
class Table {
  readonly turns: FairTurns;
  readonly running: Running[] = [];
  readonly ended: Promise<void>[] = [];

  constructor(places: number) {
    this.turns = new FairTurns(places);
  }

  ask(flow: string): void {
    const task = () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.running.push({ flow, end: resolve });
      return promise;
    };
    this.ended.push(this.turns.run(flow, task));
  }

  async endFirst(flow?: string): Promise<void> {
    const place = this.running.findIndex((one) => flow === undefined || one.flow === flow);
    for (const { end } of place === -1 ? [] : this.running.splice(place, 1)) end();
    await settle();
  }

  count(flow: string): number {
    return this.running.filter((one) => one.flow === flow).length;
  }
}

const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

describe("Places that flows share", () => {
  it("leave one for who comes next, however many one has in progress and however long", async () => {
    const table = new Table(64);
    for (let turn = 0; turn < 200; turn++) table.ask("slow");
    await settle();
    expect(table.count("slow")).toBe(32);
    // The other has a turn after the other, while none of these ends.
    for (let turn = 0; turn < 500; turn++) {
      table.ask("quick");
      await settle();
      expect(table.count("quick")).toBe(1);
      await table.endFirst("quick");
    }
    expect(table.count("slow")).toBe(32);
  });

  it("are given in turn, and all of them in the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.constantFrom("a", "b", "c", "end"), { maxLength: 80 }),
        async (places, steps) => {
          const table = new Table(places);
          let asked = 0;
          for (const step of steps) {
            if (step === "end") await table.endFirst();
            else {
              table.ask(step);
              asked++;
              await settle();
            }
            expect(table.running.length).toBeLessThanOrEqual(places);
          }
          while (table.running.length > 0) await table.endFirst();
          expect(await Promise.all(table.ended)).toHaveLength(asked);
        },
      ),
    );
  });
});
