import { afterEach, describe, expect, it } from "vitest";
import { MemoryEmbeddingCache } from "../../../test/support/embedding/memory-embedding-cache.ts";
import { type BuiltinModel, builtinModels } from "./builtin/builtin-models.ts";
import { Embedders } from "./embedders.ts";
import { createProvider, type EmbeddingSettings } from "./embedding-settings.ts";

let embedders: Embedders | undefined;
afterEach(() => embedders?.close());

function create(settings: EmbeddingSettings, builtins?: readonly BuiltinModel[]): Embedders {
  embedders = new Embedders({
    settings,
    builtins,
    cache: new MemoryEmbeddingCache(),
    onCacheError: (error) => {
      throw error;
    },
  });
  return embedders;
}

const cohere = { embedding: "cohere:embed-english-v3.0", cohereApiKey: "secret" };

describe("The embedders of a server", () => {
  it("have the built-in model by default", async () => {
    const all = create({ embedding: "builtin" });
    await all.start();
    expect(all.default.id).toBe("builtin");
    expect(all.resolve("builtin")).toBe(all.default);
  });

  it("load the built-in model with the first text, where that is asked for", async () => {
    const all = create({ embedding: "builtin", loadOnFirstUse: true, threads: 1 });
    let threads = 0;
    const count = () => (threads += 1);
    process.on("worker", count);
    await all.start();
    expect(threads).toBe(0);
    const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`);
    const results = await all.default.embed({ texts, purpose: "document" });
    expect(results.every((result) => "vector" in result)).toBe(true);
    expect(threads).toBe(1);
    process.off("worker", count);
  });

  it("have the built-in model beside the configured one", async () => {
    const all = create(cohere);
    await all.start();
    expect(all.default).toMatchObject({ id: "cohere:embed-english-v3.0", dimension: 1024 });
    expect(all.resolve("cohere:embed-english-v3.0")).toBe(all.default);
    const [result] = await all.resolve("builtin").embed({ texts: ["a text"], purpose: "document" });
    expect(result).toHaveProperty("vector");
  });

  it("know Cohere's models by the names of the Python server, whether they have them or not", () => {
    const all = create(cohere);
    expect(all.choose("embed-english-v3.0")).toBe(all.default);
    expect(() => all.choose("embed-english-light-v3.0")).toThrow(/ARRWDB_EMBEDDING=cohere:embed-english-light-v3\.0/);
  });

  it("tell which setting would bring another", () => {
    expect(() => create(cohere).resolve("openai:text-embedding-3-small")).toThrow(
      expect.objectContaining({
        code: "embedder_unavailable",
        message: expect.stringContaining("ARRWDB_EMBEDDING=openai:text-embedding-3-small"),
      }),
    );
  });
});

/** A model of a later version of the server. */
function laterModel(): { model: BuiltinModel; starts: () => number } {
  let starts = 0;
  const model: BuiltinModel = {
    id: "builtin-2",
    vectorWeight: 0.4,
    create: () => ({
      id: "builtin-2",
      identity: "builtin-2",
      dimension: 3,
      limits: { textsPerCall: 8, parallelCalls: 1 },
      start: async () => void (starts += 1),
      embed: async ({ texts }) => texts.map(() => ({ vector: Float32Array.of(0, 0, 1) })),
      close: async () => undefined,
    }),
  };
  return { model, starts: () => starts };
}

describe("Another built-in model", () => {
  it("is for new libraries where it is the default, and leaves those of the first their own", async () => {
    const { model, starts } = laterModel();
    const all = create({ embedding: "builtin-2", threads: 1 }, [model, ...builtinModels]);
    await all.start();
    expect(starts()).toBe(1);
    expect(all.default).toMatchObject({ id: "builtin-2", dimension: 3 });
    expect(all.choose("builtin-2")).toBe(all.default);
    const first = all.resolve("builtin");
    expect(first).toMatchObject({ id: "builtin", identity: "builtin", dimension: 512 });
    const [result] = await first.embed({ texts: ["a text"], purpose: "document" });
    expect(result).toMatchObject({ vector: { length: 512 } });
  });

  it("is there beside the default, and is not loaded by the start", async () => {
    const { model, starts } = laterModel();
    const all = create({ ...cohere, threads: 1 }, [...builtinModels, model]);
    await all.start();
    expect(starts()).toBe(0);
    expect(all.resolve("builtin-2")).toMatchObject({ dimension: 3 });
    expect(() => all.resolve("m")).toThrow("builtin, builtin-2, cohere:embed-english-v3.0");
    expect(() => create({ embedding: "builtin-3" }, [...builtinModels, model])).toThrow(
      /must be builtin, builtin-2, cohere:MODEL/,
    );
  });

  it("has a weight of its own in hybrid searches, whatever this server's default is", () => {
    const { model } = laterModel();
    const all = create(cohere, [model, ...builtinModels]);
    const weights = ["builtin", "builtin-2", cohere.embedding, "openai:not-here", undefined].map((id) =>
      all.vectorWeight(id),
    );
    expect(weights).toEqual([0.15, 0.4, 0.5, 0.5, 0.5]);
  });

  it("takes no prefixes, as the first", () => {
    const preparation = { prefixes: { document: "a: ", query: undefined }, fields: {}, omitted: [] };
    const { model } = laterModel();
    expect(() => create({ embedding: "builtin-2", preparation }, [model])).toThrow(
      /ARRWDB_EMBEDDING_DOCUMENT_PREFIX does not apply to ARRWDB_EMBEDDING=builtin-2/,
    );
  });
});

describe("Embedding settings", () => {
  it.each<[string, EmbeddingSettings, number]>([
    ["Cohere's English model", cohere, 1024],
    ["Cohere's light model", { ...cohere, embedding: "cohere:embed-english-light-v3.0" }, 384],
    ["Cohere's v4", { ...cohere, embedding: "cohere:embed-v4.0" }, 1536],
    ["Cohere's v4 with fewer dimensions", { ...cohere, embedding: "cohere:embed-v4.0", dimension: 256 }, 256],
    ["OpenAI's large model", { embedding: "openai:text-embedding-3-large", openaiApiKey: "secret" }, 3072],
    [
      "any model of a compatible server, colons and all",
      { embedding: "openai-compatible:bge-m3:567m", baseUrl: "http://localhost:11434/v1", dimension: 1024 },
      1024,
    ],
  ])("know %s", (_, settings, dimension) => {
    expect(createProvider(settings)).toMatchObject({ id: settings.embedding, dimension });
  });

  it.each<[string, EmbeddingSettings, RegExp]>([
    ["no provider", { embedding: "magic" }, /ARRWDB_EMBEDDING \("magic"\) must be builtin, cohere:MODEL/],
    ["an unknown provider", { embedding: "magic:model" }, /ARRWDB_EMBEDDING .* must be/],
    ["no model", { embedding: "cohere:" }, /ARRWDB_EMBEDDING .* must be/],
    ["no Cohere key", { embedding: cohere.embedding }, /COHERE_API_KEY is required .*ARRWDB_EMBEDDING=builtin/],
    ["no OpenAI key", { embedding: "openai:text-embedding-3-small" }, /OPENAI_API_KEY is required/],
    ["no address", { embedding: "openai-compatible:m", dimension: 8 }, /ARRWDB_EMBEDDING_BASE_URL is required/],
    [
      "no dimension",
      { embedding: "openai-compatible:m", baseUrl: "http://localhost/v1" },
      /ARRWDB_EMBEDDING_DIMENSION is required/,
    ],
    ["another dimension", { ...cohere, dimension: 512 }, /ARRWDB_EMBEDDING_DIMENSION \(512\) must be 1024/],
    [
      "an impossible dimension",
      { ...cohere, embedding: "cohere:embed-v4.0", dimension: 300 },
      /must be one of 256, 512, 1024, 1536/,
    ],
  ])("refuse %s with the remedy", (_, settings, message) => {
    expect(() => createProvider(settings)).toThrow(message);
  });
});
