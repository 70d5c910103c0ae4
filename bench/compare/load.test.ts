import { expect, test } from "vitest";
import { inParallel, runLoad } from "./load.ts";

test("a load keeps so many requests in flight, numbers them on, and counts each", async () => {
  const ended = new AbortController();
  const counter = { turn: 40 };
  const turns: number[] = [];
  let inFlight = 0;
  let most = 0;
  const figures = await runLoad(
    async (turn) => {
      turns.push(turn);
      most = Math.max(most, ++inFlight);
      if (turns.length === 100) ended.abort();
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
    },
    { inFlight: 8, milliseconds: 60_000, signal: ended.signal },
    counter,
  );
  expect(most).toBe(8);
  expect(turns).toEqual(turns.map((_, index) => 40 + index));
  expect(counter.turn).toBe(40 + turns.length);
  expect(figures.latencies).toHaveLength(turns.length);
});

test("jobs run so many at a time, and their results keep the order", async () => {
  let running = 0;
  const results = await inParallel([5, 4, 3, 2, 1], 2, async (item) => {
    expect(++running).toBeLessThanOrEqual(2);
    for (let turn = 0; turn < item; turn++) await new Promise((resolve) => setImmediate(resolve));
    running--;
    return item * 10;
  });
  expect(results).toEqual([50, 40, 30, 20, 10]);
});
