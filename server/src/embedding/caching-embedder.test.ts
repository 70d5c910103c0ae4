import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { MemoryEmbeddingCache } from "../../../test/support/embedding/memory-embedding-cache.ts";
import { BuiltinEmbedder } from "./builtin/builtin-embedder.ts";
import type { Embedder, EmbedRequest, EmbedResult } from "./embedder.ts";
import { createProvider } from "./embedding-settings.ts";
import type { EmbeddingCache } from "./embedding-cache.ts";
import { CachingEmbedder } from "./caching-embedder.ts";
import { QueryCache } from "./query-cache.ts";

const worker = new URL("../../../test/support/embedding/failing-model-worker.ts", import.meta.url);
const builtin = new BuiltinEmbedder({ threads: 1, worker });

/** The real model, which tells what it was asked for. */
class CountingEmbedder implements Embedder {
  readonly id = builtin.id;
  readonly identity = builtin.identity;
  readonly dimension = builtin.dimension;
  readonly limits = builtin.limits;
  readonly texts: string[] = [];
  readonly signals: (AbortSignal | undefined)[] = [];

  embed(request: EmbedRequest): Promise<readonly EmbedResult[]> {
    this.texts.push(...request.texts);
    this.signals.push(request.signal);
    return builtin.embed(request);
  }

  async close(): Promise<void> {
    await builtin.close();
  }
}

let inner: CountingEmbedder;
let cache: MemoryEmbeddingCache;
let faults: unknown[];
let embedder: CachingEmbedder;

beforeEach(() => {
  inner = new CountingEmbedder();
  cache = new MemoryEmbeddingCache();
  faults = [];
  embedder = new CachingEmbedder({ inner, cache, onCacheError: (error) => faults.push(error) });
});
afterAll(() => builtin.close());

const documents = (texts: readonly string[], signal?: AbortSignal) =>
  embedder.embed({ texts, purpose: "document", signal });

describe("An embedder with a cache", () => {
  it("computes each distinct text once, and answers each", async () => {
    const results = await documents(["one", "two", "one", "one"]);
    expect(inner.texts).toEqual(["one", "two"]);
    expect(results).toHaveLength(4);
    expect(results[3]).toEqual(results[0]);
    expect(results[1]).not.toEqual(results[0]);
    await documents(["two", "three"]);
    expect(inner.texts).toEqual(["one", "two", "three"]);
  });

  it("has remembered a vector when it hands it out, for another embedder too", async () => {
    const first = await documents(["one", "two"]);
    expect(cache.size).toBe(2);
    embedder = new CachingEmbedder({ inner, cache, onCacheError: (error) => faults.push(error) });
    expect(await documents(["two", "one"])).toEqual(first.toReversed());
    expect(inner.texts).toHaveLength(2);
  });

  it("computes a text once for requests at the same time", async () => {
    const [first, second] = await Promise.all([documents(["one", "two"]), documents(["two", "three"])]);
    expect(inner.texts.toSorted()).toEqual(["one", "three", "two"]);
    expect(second[0]).toEqual(first[1]);
  });

  it("hands out vectors that are nobody else's", async () => {
    const [before] = await documents(["one"]);
    if (before !== undefined && "vector" in before) before.vector.fill(0);
    expect((await documents(["one"]))[0]).not.toEqual(before);
  });

  it("goes on for the others when the one who began leaves", async () => {
    const controller = new AbortController();
    const left = documents(["one", "two"], controller.signal);
    const stayed = documents(["two"]);
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect((await stayed)[0]).toHaveProperty("vector");
    expect(inner.texts).toEqual(["one", "two"]);
  });

  it("drops the work when everybody has left, and begins anew for who comes then", async () => {
    const controller = new AbortController();
    const begun = Promise.withResolvers<void>();
    const slow = new CachingEmbedder({
      inner: {
        id: inner.id,
        identity: inner.identity,
        dimension: inner.dimension,
        limits: inner.limits,
        close: () => inner.close(),
        embed: (request) => {
          begun.resolve();
          return inner.embed(request);
        },
      },
      cache,
      onCacheError: (error) => faults.push(error),
    });
    const texts = Array.from({ length: 5_000 }, (_, index) => `text ${index}`);
    const both = [0, 1].map(() => slow.embed({ texts, purpose: "document", signal: controller.signal }));
    const outcomes = Promise.allSettled(both);
    await begun.promise;
    controller.abort(new Error("gone"));
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: "rejected" });
    const [again] = await slow.embed({ texts: ["text 4999"], purpose: "document" });
    expect(again).toHaveProperty("vector");
    expect(inner.signals.filter((signal) => signal?.aborted === true).length).toBeGreaterThan(0);
  });

  it("embeds although the cache fails, and tells of it", async () => {
    cache.fault = new Error("the disk is full");
    expect((await documents(["one"]))[0]).toHaveProperty("vector");
    expect(faults).toEqual([cache.fault, cache.fault]);
  });

  it("does not remember failures", async () => {
    const texts = ["one", "GIVE ZEROS"];
    expect((await documents(texts))[1]).toMatchObject({ error: { code: "embedder_failed" } });
    expect(cache.size).toBe(1);
    await documents(texts);
    expect(inner.texts).toEqual(["one", "GIVE ZEROS", "GIVE ZEROS"]);
  });

  it("does not keep a query waiting for the cache", async () => {
    cache.fault = new Error("nobody should ask");
    const [result] = await embedder.embed({ texts: ["one"], purpose: "query" });
    expect(result).toHaveProperty("vector");
    expect(cache.recalls).toBe(0);
    expect(faults).toEqual([]);
  });

  it("does not take a vector of the same model at another address", async () => {
    const at = (baseUrl?: string) => {
      const settings = { embedding: "openai-compatible:m", baseUrl: baseUrl ?? "http://a/v1", dimension: 8 };
      return createProvider(settings)?.identity;
    };
    expect(at("http://a/v1/")).toBe(at("http://a/v1"));
    expect(at("http://user:secret@b/v1")).not.toBe(at("http://a/v1"));
    expect(at("http://user:secret@b/v1")).not.toContain("secret");
    const models: string[] = [];
    const get: EmbeddingCache["get"] = async (model, hashes) => {
      models.push(model);
      return hashes.map(() => undefined);
    };
    for (const identity of ["builtin", "m at a", "m at b"]) {
      const other: Embedder = {
        id: "m",
        identity,
        dimension: inner.dimension,
        limits: inner.limits,
        embed: (request) => inner.embed(request),
        close: () => inner.close(),
      };
      const own = new CachingEmbedder({
        inner: other,
        cache: { get, put: async () => undefined },
        onCacheError: () => undefined,
      });
      await own.embed({ texts: ["one"], purpose: "document" });
    }
    // The first is how the built-in model's vectors were always kept.
    expect(models).toEqual(["builtin 512", "m at a 512", "m at b 512"]);
  });

  it.each<[string, (results: readonly EmbedResult[]) => readonly EmbedResult[]]>([
    ["fewer", (results) => results.slice(1)],
    ["more", (results) => [...results, ...results.slice(0, 1)]],
    ["no", () => []],
  ])("fails every text of a model that gives %s results, and remembers none", async (_, change) => {
    const odd: Embedder = {
      id: "odd",
      identity: "odd",
      dimension: inner.dimension,
      limits: inner.limits,
      embed: async (request) => change(await inner.embed(request)),
      close: async () => undefined,
    };
    const own = new QueryCache(new CachingEmbedder({ inner: odd, cache, onCacheError: (error) => faults.push(error) }));
    for (const purpose of ["document", "query"] as const) {
      const results = await own.embed({ texts: ["one", "two", "three"], purpose });
      const failed = { error: expect.objectContaining({ code: "embedder_failed" }) };
      expect(results).toEqual([failed, failed, failed]);
    }
    expect(cache.size).toBe(0);
    expect(faults).toEqual([]);
  });

  it.each([1, -1])("does without a cache that gives %i vectors too many", async (excess) => {
    await documents(["one", "two"]);
    const odd: EmbeddingCache = {
      get: async (model, hashes) => {
        const vectors = await cache.get(model, hashes);
        return excess > 0 ? [undefined, ...vectors] : vectors.slice(1);
      },
      put: async () => undefined,
    };
    const own = new CachingEmbedder({ inner, cache: odd, onCacheError: (error) => faults.push(error) });
    const expected = await inner.embed({ texts: ["one", "two"], purpose: "document" });
    expect(await own.embed({ texts: ["one", "two"], purpose: "document" })).toEqual(expected);
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining("The cache") })]);
  });

  it("asks the cache once for many texts", async () => {
    await documents(Array.from({ length: 100 }, (_, index) => `text ${index}`));
    expect(cache.recalls).toBe(1);
  });
});
