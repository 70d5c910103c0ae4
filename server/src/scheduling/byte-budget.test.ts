import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteBudget } from "./byte-budget.ts";

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Asks for its items one after the other, as an upload does for its lines, and holds what it has. */
class Taker {
  readonly held: { readonly bytes: number; readonly release: () => void }[] = [];
  readonly leaving = new AbortController();
  readonly done: Promise<void>;

  constructor(budget: ByteBudget, sizes: Iterable<number>) {
    this.done = this.#run(budget, sizes).catch(() => undefined);
  }

  get bytes(): number {
    return this.held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #run(budget: ByteBudget, sizes: Iterable<number>): Promise<void> {
    for (const bytes of sizes) {
      const release = await budget.take(this, bytes, this.leaving.signal);
      this.held.push({ bytes, release });
    }
  }

  release(): void {
    this.held.shift()?.release();
  }
}

const endless = function* (bytes: number) {
  for (;;) yield bytes;
};

describe("A budget of bytes", () => {
  it("always has room for who comes next, whoever was there first", async () => {
    const budget = new ByteBudget(1_000);
    const first = new Taker(budget, endless(100));
    await settled();
    expect(first.bytes).toBe(500);
    const second = new Taker(budget, endless(1));
    await settled();
    // Without the first having given anything back.
    expect(second.bytes).toBe(250);
    first.release();
    first.release();
    await settled();
    expect(second.bytes).toBe(first.bytes);
    first.leaving.abort();
    second.leaving.abort();
  });

  it.each([2, 3, 7])("is shared evenly by %i, however large what each asks for is", async (count) => {
    const budget = new ByteBudget(100_000);
    const takers = Array.from({ length: count }, (_, index) => new Taker(budget, endless(10 ** (index % 3))));
    for (let round = 0; round < 5_000; round++) {
      // Each gives back what it took longest ago, as commits do.
      takers[round % count]?.release();
      if (round % 50 === 0) await settled();
    }
    await settled();
    for (const taker of takers) {
      expect(taker.bytes).toBeGreaterThan(0.9 * (100_000 / (count + 1)) - 100);
      expect(taker.bytes).toBeLessThan(1.1 * (100_000 / (count + 1)) + 100);
      taker.leaving.abort();
    }
  });

  it("keeps nothing for those that are idle", async () => {
    const budget = new ByteBudget(1_000);
    const idle = new Taker(budget, [400]);
    await settled();
    idle.release();
    const busy = new Taker(budget, endless(10));
    await settled();
    expect(busy.bytes).toBe(500);
    busy.leaving.abort();
  });

  it("is never exceeded, serves everybody in the end, and is whole again", async () => {
    const sizes = fc.array(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 12 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(fc.nat(4), { maxLength: 60 }),
        fc.option(fc.nat(4)),
        async (lists, order, leaver) => {
          const budget = new ByteBudget(100);
          const takers = lists.map((list) => new Taker(budget, list));
          const check = async () => {
            await settled();
            expect(budget.taken).toBeLessThanOrEqual(100);
          };
          for (const [step, index] of order.entries()) {
            if (step === 10 && leaver !== null) takers[leaver]?.leaving.abort();
            takers[index]?.release();
            await check();
          }
          await check();
          while (takers.some(({ held }) => held.length > 0)) {
            for (const taker of takers) taker.release();
            await check();
          }
          await Promise.all(takers.map(({ done }) => done));
          expect(budget.taken).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("is not asked for by who has left", async () => {
    const budget = new ByteBudget(10);
    await expect(budget.take({}, 1, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    const release = await budget.take({}, 10, never);
    const leaving = new AbortController();
    const waiting = budget.take({}, 1, leaving.signal);
    leaving.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    release();
    expect(budget.taken).toBe(0);
  });
});
