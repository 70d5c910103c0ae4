import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { BuiltinEmbedder } from "./builtin/builtin-embedder.ts";
import type { Embedder, EmbedRequest, EmbedResult } from "./embedder.ts";
import { QueryCache } from "./query-cache.ts";

const worker = new URL("../../../test/support/embedding/failing-model-worker.ts", import.meta.url);
const builtin = new BuiltinEmbedder({ threads: 1, worker });

/** The real model, which tells what it was asked for. */
class CountingEmbedder implements Embedder {
  readonly id = builtin.id;
  readonly identity = builtin.identity;
  readonly dimension = builtin.dimension;
  readonly limits = builtin.limits;
  readonly requests: EmbedRequest[] = [];

  embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    this.requests.push(request);
    return builtin.embed(request);
  }

  async close(): Promise<void> {
    await builtin.close();
  }
}

let inner: CountingEmbedder;
let cache: QueryCache;

beforeEach(() => {
  inner = new CountingEmbedder();
  cache = new QueryCache(inner);
});
afterAll(() => builtin.close());

const texts = () => inner.requests.flatMap((request) => request.texts);

async function query(text: string, signal?: AbortSignal) {
  const [result] = await cache.embed({ texts: [text], purpose: "query", signal });
  if (result === undefined || "error" in result) throw new Error("There is no vector");
  return result.vector;
}

describe("A cache of queries", () => {
  it("computes a query once", async () => {
    const first = await query("one");
    expect(await query("one")).toEqual(first);
    expect(await query("two")).not.toEqual(first);
    expect(texts()).toEqual(["one", "two"]);
  });

  it("computes a query once for those who ask at the same time, though the first one leaves", async () => {
    const controller = new AbortController();
    const left = query("one", controller.signal);
    const stayed = [query("one"), query("one")];
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    const [first, second] = await Promise.all(stayed);
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
    expect(texts()).toEqual(["one"]);
  });

  it("ends a computation that nobody waits for", async () => {
    const controller = new AbortController();
    const left = query("one", controller.signal);
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect(inner.requests.map(({ signal }) => signal?.aborted)).toEqual([true]);
    expect(await query("one")).toHaveLength(512);
  });

  it("keeps its vectors, whatever is done with those that it hands out", async () => {
    const expected = (await query("one")).slice();
    structuredClone(null, { transfer: [(await query("one")).buffer] });
    (await query("one")).fill(0);
    expect(await query("one")).toEqual(expected);
  });

  it("lets documents through, which may have other vectors", async () => {
    await query("one");
    const flow = {};
    await cache.embed({ texts: ["one"], purpose: "document", flow });
    await cache.embed({ texts: ["one"], purpose: "document", flow });
    expect(inner.requests.map(({ purpose }) => purpose)).toEqual(["query", "document", "document"]);
    expect(inner.requests.at(-1)?.flow).toBe(flow);
  });

  it("forgets what was used longest ago when it is full", async () => {
    cache = new QueryCache(inner, { maxBytes: 3 * (512 * 4 + 300) });
    for (const text of ["one", "two", "one", "three", "one", "four", "one", "two"]) await query(text);
    expect(texts()).toEqual(["one", "two", "three", "four", "two"]);
  });

  it("does not remember failures", async () => {
    const request: EmbedRequest = { texts: ["GIVE ZEROS", "one"], purpose: "query" };
    for (let time = 0; time < 2; time++) {
      expect(await cache.embed(request)).toMatchObject([{ error: { code: "embedder_failed" } }, { vector: {} }]);
    }
    expect(texts()).toEqual(["GIVE ZEROS", "one", "GIVE ZEROS"]);
  });
});
