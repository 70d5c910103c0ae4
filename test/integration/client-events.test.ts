import { ArrwClient } from "arrwdb-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClientBench, failureOf, numbers, pointing, take } from "../support/peers/test-client.ts";
import { eventually } from "../support/waiting.ts";

let bench: ClientBench;

beforeAll(async () => {
  bench = await ClientBench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => bench.reset());

describe("The events of a library", () => {
  it("come from the beginning, then as they happen", async () => {
    const library = await bench.library();
    await library.add(pointing("first"));
    const feed = library.events({ from: 0 });
    expect((await take(feed, 2)).map(({ type }) => type)).toEqual(["library.created", "document.added"]);
    await library.add(pointing("second"));
    const [event] = await take(feed, 1);
    expect(event).toMatchObject({ type: "document.added", seq: 3, data: { title: "second" } });
    expect(event).not.toHaveProperty("subscription_ids");
    expect(feed.position).toBe(3);
  });

  it("begin now where nothing else is said, and end when the program has enough", async () => {
    const library = await bench.library();
    await library.add(pointing("old"));
    const feed = library.events();
    expect(feed.position).toBeUndefined();
    expect(await feed.ready()).toBe(2);
    expect(feed.position).toBe(2);
    await library.add(pointing("new"));
    for await (const event of feed) {
      expect(event.seq).toBe(3);
      break;
    }
    expect(await feed.next()).toEqual({ done: true, value: undefined });
    expect(library.connection).toBe("idle");
    await eventually(async () => (await bench.client.eventStatistics()).subscribers.websocket === 0);
  });

  it("share one connection, and each has what it asked for", async () => {
    const library = await bench.library();
    const before = bench.proxy.accepted;
    const all = library.events({ from: 1 });
    const deleted = library.events({ from: 1, events: ["document.deleted"] });
    const blue = library.events({ from: 1, metadata_filter: { colour: "blue" } });
    const ready = [all.ready(), deleted.ready(), blue.ready()];
    await Promise.all(ready);
    // Node may take one that a request has left open.
    expect(bench.proxy.accepted - before).toBeLessThanOrEqual(1);
    const { document } = await library.add({ ...pointing("a"), colour: "blue" });
    await library.add({ ...pointing("b"), colour: "red" });
    await library.delete(document.id);
    expect((await take(all, 3)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect((await take(deleted, 1)).map(({ seq }) => seq)).toEqual([4]);
    expect((await take(blue, 2)).map(({ seq }) => seq)).toEqual([2, 4]);
  });

  it("tell how far a narrowed feed has come, for another run to go on from there", async () => {
    const library = await bench.library();
    for (const title of ["a", "b", "c"]) await library.add(pointing(title));
    const feed = library.events({ from: 0, events: ["document.deleted"] });
    const next = feed.next();
    await eventually(() => feed.position === 4);
    await feed.return();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("are each told once, in order, while the network fails again and again", async () => {
    const library = await bench.library();
    let sent = 0;
    const total = 2_000;
    const documents = numbers(1, total).map((number) => pointing(`${number}`));
    bench.proxy.cutAfter = 50_000;
    const reading = take(library.events({ from: 0 }), total + 1);
    const untroubled = new ArrwClient({ url: bench.server.url }).library(library.id);
    for await (const result of untroubled.ingest(documents)) if (result.success) sent += 1;
    const events = await reading;
    expect(sent).toBe(total);
    expect(events.map(({ seq }) => seq)).toEqual(numbers(1, total + 1));
    expect(bench.proxy.cuts).toBeGreaterThan(5);
  });

  it("go on after the server was started again", async () => {
    const library = await bench.library();
    const feed = library.events();
    await feed.ready();
    await library.add(pointing("before"));
    expect((await take(feed, 1)).map(({ seq }) => seq)).toEqual([2]);
    await bench.restart();
    await library.add(pointing("after"));
    expect((await take(feed, 1)).map(({ seq }) => seq)).toEqual([3]);
  });

  it("wait on the server for a program that is slow", async () => {
    const library = await bench.library();
    const feed = library.events({ from: 0, buffer: 10 });
    await take(feed, 1);
    for await (const _ of library.ingest(numbers(1, 300).map((number) => pointing(`${number}`))));
    const other = library.events({ from: 300 });
    // Whoever reads at the same connection is not held up.
    expect((await take(other, 1)).map(({ seq }) => seq)).toEqual([301]);
    expect((await take(feed, 300)).map(({ seq }) => seq)).toEqual(numbers(2, 301));
  });

  it("end with what it is where they cannot go on", async () => {
    const library = await bench.library({ max_count: 2 });
    for (const title of ["a", "b", "c", "d"]) await library.add(pointing(title));
    await eventually(async () => (await library.eventPage({ from_seq: 4 })).earliest_seq > 0);
    const { earliest_seq } = await library.eventPage({ from_seq: 4 });
    const expired = library.events({ from: 0 });
    const error = await failureOf(expired.next());
    expect(error).toMatchObject({ code: "position_expired", earliestSeq: earliest_seq, retryable: false });
    expect(await expired.next()).toEqual({ done: true, value: undefined });
    expect((await take(library.events({ from: earliest_seq }), 1))[0]?.seq).toBe(earliest_seq + 1);
    expect(await failureOf(library.events({ from: 99 }).ready())).toMatchObject({ code: "position_ahead" });
    const nowhere = bench.client.library("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d");
    expect(await failureOf(nowhere.events().next())).toMatchObject({ code: "library_not_found" });
    expect(nowhere.connection).toBe("idle");
  });

  it("end with the library, after its last event", async () => {
    const library = await bench.library();
    const feed = library.events();
    await feed.ready();
    await bench.client.libraries.delete(library.id);
    expect((await take(feed, 1))[0]?.type).toBe("library.deleted");
    expect(await failureOf(feed.next())).toMatchObject({ code: "library_deleted" });
  });

  it("end at once where the program says so", async () => {
    const library = await bench.library();
    const controller = new AbortController();
    const feed = library.events({ from: 0, signal: controller.signal });
    await take(feed, 1);
    const waiting = feed.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(library.connection).toBe("idle");
    await expect(library.events({ signal: controller.signal }).next()).rejects.toBe(reason);
  });

  it("give up after as many attempts as they may", async () => {
    const { id } = await bench.library();
    let attempts = 0;
    // Counted here: Node may try one on a connection that a request has left open and that is cut meanwhile.
    class Counted extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        attempts += 1;
      }
    }
    const reconnect = { minDelay: 1, maxDelay: 1, maxAttempts: 3 };
    const library = bench.handle(id, { reconnect, WebSocket: Counted });
    bench.proxy.cut();
    bench.proxy.refuse(true);
    expect(await failureOf(library.events().next())).toMatchObject({ code: "network", retryable: true });
    expect(attempts).toBe(4);
  });

  it("find out that a network swallows everything", async () => {
    const { id } = await bench.library();
    const library = bench.handle(id, { heartbeat: 20, timeout: 100 });
    const feed = library.events({ from: 0 });
    await take(feed, 1);
    bench.proxy.silence(true);
    await eventually(() => library.connection !== "open");
    bench.proxy.silence(false);
    await library.add(pointing("after"), { timeout: 5_000 });
    expect((await take(feed, 1)).map(({ seq }) => seq)).toEqual([2]);
  });

  it("can be read page by page", async () => {
    const library = await bench.library();
    for (const title of ["a", "b"]) await library.add(pointing(title));
    const page = await library.eventPage({ from_seq: 0, events: ["document.added"], limit: 1 });
    expect(page.events.map(({ seq }) => seq)).toEqual([2]);
    expect(page).toMatchObject({ has_more: true, seq: 3 });
    expect(await bench.client.eventStatistics()).toMatchObject({ published: expect.any(Number) });
  });
});
