import { limits } from "@arrwdb/protocol/limits";
import type { LibraryHandle, LineResult } from "arrwdb-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClientBench, failureOf, numbers, pointing } from "../support/peers/test-client.ts";
import { eventually } from "../support/waiting.ts";

let bench: ClientBench;

beforeAll(async () => {
  bench = await ClientBench.start();
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => bench.reset());

async function all(results: AsyncIterable<LineResult>): Promise<LineResult[]> {
  const found: LineResult[] = [];
  for await (const result of results) found.push(result);
  return found;
}

const titlesOf = async (library: LibraryHandle) => {
  const titles: string[] = [];
  for await (const { title } of library.documents()) titles.push(title);
  return titles;
};

const documents = (count: number) => numbers(1, count).map((number) => pointing(`${number}`));
const titles = (count: number) => numbers(1, count).map(String);

describe("Ingestion by the client", () => {
  it("gives a result for each document, in order", async () => {
    const library = await bench.library();
    const source = [pointing("1"), { title: "2" }, pointing("3"), { ...pointing("4"), tags: [""] }];
    // The second one has nothing to search, which the types cannot know.
    const results = await all(library.ingest([...source, { text: "5" }]));
    expect(results.map(({ line, success }) => [line, success])).toEqual([
      [1, true],
      [2, false],
      [3, true],
      [4, false],
      [5, false],
    ]);
    expect(results[4]).toMatchObject({ error_code: "text_not_searchable" });
    expect(await titlesOf(library)).toEqual(["1", "3"]);
  });

  it("counts over batches, and tells of what is no JSON", async () => {
    const library = await bench.library();
    const circle: Record<string, unknown> = {};
    circle["itself"] = circle;
    const long = { ...pointing("13"), text: "x".repeat(limits.lineBytes) };
    const source = [...documents(10), { ...pointing("circle"), circle }, pointing("12"), long];
    const results = await all(library.ingest(source, { batchDocuments: 3, inFlight: 1 }));
    expect(results.map(({ line }) => line)).toEqual(numbers(1, 13));
    // Its place in its batch would be told by another number.
    expect(results[12]).toMatchObject({
      error: expect.stringMatching(/^The line is longer/),
      error_code: "line_too_large",
    });
    expect(results[10]).toMatchObject({ success: false, error_code: "validation_failed", retryable: false });
    expect(await titlesOf(library)).toEqual([...titles(10), "12"]);
  });

  it("takes from a source no faster than its results are taken", async () => {
    const library = await bench.library();
    let asked = 0;
    async function* source() {
      for (const document of documents(1_000)) {
        asked += 1;
        yield document;
      }
    }
    const results = library.ingest(source(), { batchDocuments: 10, inFlight: 2 });
    await results.next();
    // Two under way, and one that waits.
    await eventually(async () => (await titlesOf(library)).length === asked);
    expect(asked).toBeLessThanOrEqual(30);
    await results.return(undefined);
  });

  it("gives the results of a slow source without waiting for more", async () => {
    const library = await bench.library();
    const more = Promise.withResolvers<void>();
    async function* source() {
      yield pointing("1");
      await more.promise;
      yield pointing("2");
    }
    const results = library.ingest(source(), { batchDelay: 1 });
    expect((await results.next()).value).toMatchObject({ line: 1, success: true });
    more.resolve();
    expect((await results.next()).value).toMatchObject({ line: 2, success: true });
    expect((await results.next()).done).toBe(true);
  });

  it("lets the later one of two with the same id count, wherever they stand", async () => {
    const library = await bench.library();
    const id = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
    const source = numbers(1, 30).map((number) => ({ ...pointing(`${number}`), id }));
    const results = await all(library.ingest(source, { batchDocuments: 4, inFlight: 4 }));
    expect(results.every(({ success }) => success)).toBe(true);
    expect(await titlesOf(library)).toEqual(["30"]);
  });

  it("stores each document once while the network fails again and again", async () => {
    const library = await bench.library();
    // Room for one answer whole and for a part of the next.
    bench.proxy.cutAfter = 14_000;
    const results = await all(library.ingest(documents(600), { batchDocuments: 50 }));
    bench.proxy.cutAfter = Infinity;
    expect(bench.proxy.cuts).toBeGreaterThan(3);
    expect(results.map(({ line, success }) => [line, success])).toEqual(numbers(1, 600).map((line) => [line, true]));
    const stored = await titlesOf(library);
    expect(stored.toSorted()).toEqual(titles(600).toSorted());
    expect(results.some((result) => result.success && result.replayed === true)).toBe(true);
  });

  it("goes on when the server was started again", async () => {
    const library = await bench.library();
    const half = Promise.withResolvers<void>();
    async function* source() {
      yield* documents(20).slice(0, 10);
      await half.promise;
      yield* documents(20).slice(10);
    }
    const results = library.ingest(source(), { batchDelay: 1 });
    for (const line of numbers(1, 10)) expect((await results.next()).value).toMatchObject({ line, success: true });
    const rest = all(results);
    await bench.server.stop();
    half.resolve();
    await bench.restart();
    expect((await rest).map(({ line, success }) => [line, success])).toEqual(
      numbers(11, 20).map((line) => [line, true]),
    );
    expect(await titlesOf(library)).toEqual(titles(20));
  });

  it("throws what the source throws, after the results of what came before", async () => {
    const library = await bench.library();
    const broken = new Error("no more");
    async function* source() {
      yield* documents(3);
      throw broken;
    }
    const results = library.ingest(source(), { batchDocuments: 2 });
    expect((await results.next()).value).toMatchObject({ line: 1 });
    expect((await results.next()).value).toMatchObject({ line: 2 });
    await expect(all(results)).rejects.toBe(broken);
  });

  it("ends where the program says so, or the library is none", async () => {
    const library = await bench.library();
    const reason = new Error("enough");
    const controller = new AbortController();
    const ended = Promise.withResolvers<void>();
    async function* source() {
      try {
        for (const document of documents(1_000)) yield document;
      } finally {
        ended.resolve();
      }
    }
    const results = library.ingest(source(), { signal: controller.signal, batchDocuments: 2 });
    await results.next();
    controller.abort(reason);
    await expect(all(results)).rejects.toBe(reason);
    await ended.promise;
    const nowhere = bench.client.library("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d");
    expect(await failureOf(all(nowhere.ingest(documents(3))))).toMatchObject({ code: "library_not_found" });
    const hopeless = bench.handle(library.id, { reconnect: { minDelay: 1, maxDelay: 1, maxAttempts: 2 } });
    bench.proxy.refuse(true);
    bench.proxy.cut();
    expect(await failureOf(all(hopeless.ingest(documents(3))))).toMatchObject({ code: "network" });
  });
});
