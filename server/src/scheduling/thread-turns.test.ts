import { expect, it } from "vitest";
import { ThreadTurns } from "./thread-turns.ts";

/** Work that waits for nothing but its turns, such as refusing lines. */
async function work(turns: ThreadTurns, log: string[], name: string, count: number): Promise<void> {
  const turn = turns.open();
  while (turn.count <= count) {
    const before = turn.count;
    await turn.next();
    if (turn.count > before) log.push(name);
  }
}

it("are taken one in a round of the event loop, in turn, and leave the others to everybody else", async () => {
  const turns = new ThreadTurns();
  const log: string[] = [];
  const over = new AbortController();
  const others = async () => {
    while (!over.signal.aborted) {
      await new Promise((resolve) => setImmediate(resolve));
      log.push("other");
    }
  };
  const working = Promise.all(["a", "b"].map((name) => work(turns, log, name, 10)));
  await Promise.all([others(), working.then(() => over.abort())]);
  const own = log.filter((name) => name !== "other").join("");
  expect([own.length, own.includes("aa") && own.includes("bb")]).toEqual([20, false]);
  // There is a turn of others between any two.
  expect(log.filter((name) => name === "other").length).toBeGreaterThanOrEqual(19);
});
