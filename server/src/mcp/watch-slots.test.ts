import { describe, expect, it } from "vitest";
import { WatchSlots } from "./watch-slots.ts";

const never = new AbortController().signal;

describe("A waiting room", () => {
  it("has as many places as it should, and gives them back", async () => {
    const room = new WatchSlots({ total: 1, each: 1 });
    const { promise, resolve } = Promise.withResolvers<string>();
    let scope: AbortSignal | undefined;
    const first = room.enter("a", never, (signal) => {
      scope = signal;
      return promise;
    });
    await expect(room.enter("a", never, async () => "second")).rejects.toMatchObject({ code: "rate_limited" });
    expect(scope?.aborted).toBe(false);
    resolve("first");
    expect(await first).toBe("first");
    // What was begun for the wait hears that it is over.
    expect(scope?.aborted).toBe(true);
    await expect(room.enter("a", never, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(room.taken).toBe(0);
    expect(await room.enter("a", never, async () => "third")).toBe("third");
  });

  it("has places for each caller that no other can take, and an end to all of them", async () => {
    const room = new WatchSlots({ total: 3, each: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const wait = (caller: string) => room.enter(caller, never, () => promise);
    const waiting = [wait("a"), wait("a")];
    await expect(wait("a")).rejects.toMatchObject({ code: "rate_limited" });
    waiting.push(wait("b"));
    await expect(wait("b")).rejects.toMatchObject({ code: "overloaded" });
    resolve();
    await Promise.all(waiting);
    expect(room.taken).toBe(0);
    await wait("a");
  });

  it("ends a wait by what is waited for, by time, or when it closes", async () => {
    const room = new WatchSlots({ total: 1, each: 1 });
    const forever = new Promise<string>(() => undefined);
    expect(await room.wait(60_000, Promise.resolve("there"))).toBe("there");
    await expect(room.wait(60_000, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await room.wait(1, forever)).toBeUndefined();
    const waiting = room.wait(60_000, forever);
    room.close();
    expect(await waiting).toBeUndefined();
  });
});
