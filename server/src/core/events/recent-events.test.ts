import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { describe, expect, it } from "vitest";
import { PublishedEvent } from "./published-event.ts";
import { RecentBudget, RecentEvents } from "./recent-events.ts";

const characters = 64 * 1024;
const mostOfLibrary = 1024 * 1024;

const large = (seq: number): PublishedEvent => {
  const timestamp = "2026-11-28T10:00:00.000Z";
  const data = {
    document_id: `${seq}`,
    title: "T",
    title_generated: false,
    author: null,
    document_type: null,
    source_url: null,
    tags: [],
  };
  const event: LibraryEvent = {
    type: "document.deleted",
    library_id: "l",
    seq,
    timestamp,
    data: { ...data, metadata: { text: `${seq} `.padEnd(characters, "x") } },
  };
  return new PublishedEvent(event);
};

async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("Garbage cannot be collected");
  // What was looked at in this turn is kept until its end.
  await setImmediate();
  collect();
}

describe("Recent events", () => {
  it("let go of what goes beyond their bounds", async () => {
    const recent = new RecentEvents(new RecentBudget());
    const all: WeakRef<PublishedEvent>[] = [];
    for (let seq = 1; seq <= 500; seq++) {
      const published = large(seq);
      all.push(new WeakRef(published));
      recent.add(published);
    }
    await collectGarbage();
    const most = mostOfLibrary / characters;
    expect(all.filter((event) => event.deref() !== undefined).length).toBeLessThanOrEqual(2 * most);
    expect(recent.after(490, 5)?.map(({ event }) => event.seq)).toEqual([491, 492, 493, 494, 495]);
    expect(recent.after(500 - 2 * most, 5)).toBeUndefined();
  });
});
