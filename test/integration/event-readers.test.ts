import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EventBench, eventCommands, EventPlay } from "../support/faults/event-play.ts";

let bench: EventBench;

beforeAll(async () => {
  bench = await EventBench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("Readers of events", () => {
  it("are told each event once, in order, however they pause, come back, and however quiet the library is", async () => {
    const property = fc.asyncProperty(eventCommands, async (commands) => {
      const play = new EventPlay(bench, await bench.newLibrary());
      try {
        await play.run(commands);
      } finally {
        play.leave();
      }
      expect(bench.room.statistics.read().subscribers.total).toBe(0);
    });
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  }, 240_000);
});
