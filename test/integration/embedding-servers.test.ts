import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { afterEach, describe, expect, it } from "vitest";
import type { Embedder, EmbeddingPurpose, EmbedResult } from "../../server/src/embedding/embedder.ts";
import { createProvider, type EmbeddingSettings } from "../../server/src/embedding/embedding-settings.ts";
import { unprepared } from "../../server/src/embedding/text-preparation.ts";
import {
  type Answer,
  dimension,
  EmbeddingServer,
  itemsOf,
  llamaCpp,
  nim,
  siliconFlow,
  textEmbeddingsInference,
  vectorOf,
  voyage,
} from "../support/embedding/embedding-servers.ts";
import { cosineDistance } from "../support/data/vectors.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function connect(server: EmbeddingServer, settings: Partial<EmbeddingSettings> = {}): Promise<Embedder> {
  const baseUrl = await server.start();
  const embedder = createProvider({ embedding: "openai-compatible:some-model", dimension, baseUrl, ...settings });
  if (embedder === undefined) throw new Error("This is no provider");
  open.push(async () => {
    await embedder.close();
    await server.stop();
  });
  return embedder;
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
const long = "word ".repeat(600);
const outcome = (result: EmbedResult) => ("vector" in result ? "vector" : errorOf(result).code);

function errorOf(result: EmbedResult | undefined): ArrwError {
  if (result !== undefined && "error" in result && result.error instanceof ArrwError) return result.error;
  throw new Error("There is no ArrwError");
}

/** The texts that do not have the vector that is their own. */
const mispaired = (texts: readonly string[], results: readonly EmbedResult[], prefix = "") =>
  texts.filter((text, index) => {
    const result = results[index];
    return (
      results.length !== texts.length ||
      result === undefined ||
      "error" in result ||
      cosineDistance(result.vector, vectorOf(prefix + text)) > 1e-6
    );
  });

const documents = (embedder: Embedder, texts: readonly string[]) => embedder.embed({ texts, purpose: "document" });

/** As lines of one upload: each text a request of its own. */
const lines = async (embedder: Embedder, texts: readonly string[]) => {
  const flow = {};
  return (await Promise.all(texts.map((text) => embedder.embed({ texts: [text], purpose: "document", flow })))).flat();
};

describe("Vectors are paired with their texts by the key that they carry", () => {
  const items = (change: (all: readonly object[]) => readonly object[]) =>
    new EmbeddingServer((body) => ({ body: { data: change(itemsOf(body)) } }));

  it.each<[string, (all: readonly object[]) => readonly object[]]>([
    ["in the order of the texts", (all) => all],
    ["the last one first", (all) => all.toReversed()],
    ["turned by one", (all) => [...all.slice(1), ...all.slice(0, 1)]],
    ["without keys", (all) => all.map((item) => ({ ...item, index: undefined }))],
    ["with null as keys", (all) => all.map((item) => ({ ...item, index: null }))],
  ])("%s", async (_, change) => {
    const texts = numbered(9);
    expect(mispaired(texts, await documents(await connect(items(change)), texts))).toEqual([]);
  });

  it.each<[string, (all: readonly object[]) => readonly object[], RegExp]>([
    ["one too few", (all) => all.slice(1), /8 vectors for 9 texts/],
    ["one too many", (all) => [...all, { ...all[0], index: 9 }], /10 vectors for 9 texts/],
    ["none", () => [], /0 vectors for 9 texts/],
    ["one twice", (all) => [...all.slice(0, 8), ...all.slice(0, 1)], /two vectors with the index 0/],
    ["all the same key", (all) => all.map((item) => ({ ...item, index: 0 })), /two vectors with the index 0/],
    ["counted from 1", (all) => all.map((item, index) => ({ ...item, index: index + 1 })), /the index 9/],
    ["a negative key", (all) => [...all.slice(0, 8), { ...all[8], index: -1 }], /the index -1/],
    ["some without a key", (all) => [...all.slice(0, 8), { ...all[8], index: undefined }], /without an index/],
    ["a key that is no whole number", (all) => [...all.slice(0, 8), { ...all[8], index: 7.5 }], /index/],
    ["a key that is a text", (all) => [...all.slice(0, 8), { ...all[8], index: "8" }], /index/],
  ])("and an answer with %s is a failure", async (_, change, words) => {
    const results = await documents(await connect(items(change)), numbered(9));
    expect(results.map(outcome)).toEqual(numbered(9).map(() => "embedder_failed"));
    expect(errorOf(results[0]).message).toMatch(words);
  });

  it("by the texts that Cohere repeats", async () => {
    const server = new EmbeddingServer(({ input }) => {
      const texts = input.toReversed();
      const meta = { billed_units: { input_tokens: 1 } };
      return { body: { embeddings: { float: texts.map(vectorOf) }, texts, meta } };
    });
    const embedder = await connect(server, { embedding: "cohere:some-model", cohereApiKey: "secret" });
    const texts = ["one", "two", "one", "three"];
    expect(mispaired(texts, await documents(embedder, texts))).toEqual([]);
  });
});

describe("llama.cpp", () => {
  it.each<[string, ReturnType<typeof llamaCpp>]>([
    ["as it is", llamaCpp()],
    ["before build b6000", llamaCpp(() => "input is too large to process. increase the physical batch size")],
    ["beyond the context", llamaCpp(() => "the request exceeds the available context size. try increasing it")],
  ])("fails the one text that is too long, at once: %s", async (_, server) => {
    const embedder = await connect(server);
    const texts = numbered(64).with(40, long);
    const results = await lines(embedder, texts);
    expect(results.map(outcome)).toEqual(texts.map((text) => (text === long ? "embedder_rejected" : "vector")));
    expect(errorOf(results[40]).message).toMatch(/physical batch size|context size/);
    expect(server.asked.length).toBeLessThanOrEqual(15);
    expect(mispaired(texts.slice(0, 40), results.slice(0, 40))).toEqual([]);
  });

  it("is asked again after a 500 without such words, then for the halves", async () => {
    const server = new EmbeddingServer((body) =>
      body.input.includes("bad") ? { status: 500, body: "" } : { body: { data: itemsOf(body) } },
    );
    const embedder = await connect(server, { maxRetries: 0 });
    const texts = numbered(32).with(7, "bad");
    const results = await documents(embedder, texts);
    expect(results.map(outcome)).toEqual(texts.map((text) => (text === "bad" ? "embedder_failed" : "vector")));
  });
});

describe("Other servers as they are", () => {
  it("Voyage counts all tokens alike, and gets no encoding_format", async () => {
    const server = voyage();
    const tokens: number[] = [];
    const preparation = {
      ...unprepared,
      fields: { document: { input_type: "document" }, query: { input_type: "query" } },
      omitted: ["encoding_format"],
    } as const;
    const embedder = await connect(server, { preparation, onTokens: (_, count) => tokens.push(count) });
    expect(mispaired(["a text"], await documents(embedder, ["a text"]))).toEqual([]);
    await embedder.embed({ texts: ["a question"], purpose: "query" });
    expect(tokens).toEqual([7, 7]);
    expect(server.asked).toEqual([
      { model: "some-model", input: ["a text"], input_type: "document" },
      { model: "some-model", input: ["a question"], input_type: "query" },
    ]);
  });

  it("Voyage without these settings says itself what is wrong", async () => {
    const [result] = await documents(await connect(voyage()), ["a text"]);
    expect(errorOf(result)).toMatchObject({
      code: "embedder_rejected",
      message: expect.stringContaining("['base64', null]"),
    });
  });

  it("NIM is told what the texts are for", async () => {
    const server = nim();
    const fields = { document: { input_type: "passage" }, query: { input_type: "query", truncate: "END" } };
    const embedder = await connect(server, { preparation: { ...unprepared, fields } });
    expect(mispaired(numbered(3), await documents(embedder, numbered(3)))).toEqual([]);
    expect(mispaired(["why"], await embedder.embed({ texts: ["why"], purpose: "query" }))).toEqual([]);
    expect(server.asked).toMatchObject([{ input_type: "passage" }, { input_type: "query", truncate: "END" }]);
    const [result] = await documents(await connect(nim()), ["a text"]);
    expect(errorOf(result).message).toContain("'input_type' parameter is required");
  });

  it("SiliconFlow gets the fields of the model and no others", async () => {
    const qwen = { document: { dimensions: 32 }, query: { dimensions: 32 } };
    const embedder = await connect(siliconFlow(), {
      embedding: "openai-compatible:Qwen/Qwen3-Embedding-8B",
      preparation: { ...unprepared, fields: qwen },
    });
    expect(mispaired(["a text"], await documents(embedder, ["a text"]))).toEqual([]);
    const [result] = await documents(await connect(siliconFlow(), { preparation: { ...unprepared, fields: qwen } }), [
      "a",
    ]);
    expect(errorOf(result).message).toContain("The parameter is invalid. Please check again.");
  });

  it("text-embeddings-inference takes fewer texts in a call, by itself or by a setting", async () => {
    const server = textEmbeddingsInference();
    expect(mispaired(numbered(100), await lines(await connect(server), numbered(100)))).toEqual([]);
    const set = textEmbeddingsInference();
    const texts = numbered(100).with(3, long);
    const results = await lines(await connect(set, { textsPerCall: 32 }), texts);
    expect(results.map(outcome)).toEqual(texts.map((text) => (text === long ? "embedder_rejected" : "vector")));
    expect(set.asked.every(({ input }) => input.length <= 32)).toBe(true);
  });
});

describe("A server that refuses everything alike", () => {
  const answers: readonly [string, Answer][] = [
    ["400", { status: 400, body: { error: "unknown field encoding_format" } }],
    ["413", { status: 413, body: "<html>413 Request Entity Too Large</html>" }],
    ["422", { status: 422, body: { detail: "no" } }],
    ["500 with words", { status: 500, body: { error: { message: "input is too large to process" } } }],
    ["500", { status: 500, body: "" }],
  ];

  it.each(answers)("with %s is not asked for each text", async (_, answer) => {
    const server = new EmbeddingServer(() => answer);
    const results = await lines(await connect(server, { maxRetries: 0 }), numbered(256));
    expect(new Set(results.map(outcome))).not.toContain("vector");
    expect(server.asked.length).toBeLessThanOrEqual(8);
  });

  it("for a while is asked again for all", async () => {
    let refused = 3;
    const server = new EmbeddingServer((body) =>
      refused-- > 0 ? { status: 429, headers: { "retry-after": "0" }, body: "" } : { body: { data: itemsOf(body) } },
    );
    expect(mispaired(numbered(20), await lines(await connect(server), numbered(20)))).toEqual([]);
  });
});

describe("A wait that a provider asks for", () => {
  const limited = (headers: Readonly<Record<string, string>>, status = 429) =>
    new EmbeddingServer(() => ({ status, headers, body: { error: { message: "quota of the day" } } }));

  it.each<[string, number, Readonly<Record<string, string>>, number]>([
    ["in seconds", 429, { "retry-after": "3600" }, 3_600],
    ["of a server that is down", 503, { "retry-after": "61" }, 61],
    ["of a 500", 500, { "retry-after": "7200" }, 7_200],
    [
      "as a date, by the provider's own clock",
      429,
      { "retry-after": "Fri, 01 Jan 2021 02:00:00 GMT", date: "Fri, 01 Jan 2021 00:00:00 GMT" },
      7_200,
    ],
  ])("ends at once beyond a minute, and is passed on: %s", async (_, status, headers, retryAfter) => {
    const server = limited(headers, status);
    const [result] = await documents(await connect(server), ["a text"]);
    expect(errorOf(result)).toMatchObject({ retryAfter, message: expect.stringContaining("quota of the day") });
    expect(server.asked).toHaveLength(1);
  });
});

describe("A provider's own words", () => {
  const key = "sk-very-secret-key";
  const saying = async (status: number, body: string) => {
    const server = new EmbeddingServer(() => ({ status, headers: { "content-type": "text/plain" }, body }));
    const [result] = await documents(await connect(server, { openaiApiKey: key, maxRetries: 0 }), ["a text"]);
    return errorOf(result).message;
  };

  it.each([400, 404, 413, 422, 429, 500, 502, 503, 529])(
    "stand in the error of a %i, 500 characters of them",
    async (status) => {
      const message = await saying(status, `first ${"x".repeat(493)}y${"z".repeat(1_000)}`);
      expect(message).toContain(`first ${"x".repeat(493)}y`);
      expect(message).not.toContain("z");
    },
  );

  it.each([401, 403])("never stand in that of a %i", async (status) => {
    expect(await saying(status, "Incorrect API key provided: sk-very-s****key")).not.toContain("Incorrect");
  });

  it("stand there in one line, without the key", async () => {
    const message = await saying(400, `{\n  "error": "${key} has no\u0000 quota"\n}`);
    expect(message).toContain('{ "error": "[key] has no quota" }');
    expect(await saying(400, "")).toContain("400");
  });
});

describe("Prefixes", () => {
  const prefixes = { document: "search_document: ", query: "search_query: " };
  const plain = () => new EmbeddingServer((body) => ({ body: { data: itemsOf(body) } }));
  const embedderOf = async (preparation: EmbeddingSettings["preparation"]) => connect(plain(), { preparation });

  it.each<[EmbeddingPurpose, string]>([
    ["document", "search_document: "],
    ["query", "search_query: "],
  ])("stand before each %s", async (purpose, prefix) => {
    const embedder = await embedderOf({ ...unprepared, prefixes });
    expect(mispaired(numbered(5), await embedder.embed({ texts: numbered(5), purpose }), prefix)).toEqual([]);
  });

  it("and fields are part of the model's identity, whatever their order; what is left out is not", async () => {
    const idOf = async (preparation: EmbeddingSettings["preparation"]) => (await embedderOf(preparation)).id;
    const none = await idOf(undefined);
    expect(none).toBe("openai-compatible:some-model");
    expect(await idOf({ ...unprepared, omitted: ["encoding_format"] })).toBe(none);
    const ids = [
      none,
      await idOf({ ...unprepared, prefixes }),
      await idOf({ ...unprepared, prefixes: { document: prefixes.document } }),
      await idOf({ ...unprepared, prefixes: { query: prefixes.query } }),
      await idOf({ ...unprepared, prefixes: { document: "search_document:" } }),
      await idOf({ ...unprepared, fields: { document: { a: 1, b: { c: 2, d: 3 } } } }),
      await idOf({ ...unprepared, fields: { query: { a: 1, b: { c: 2, d: 3 } } } }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(await idOf({ ...unprepared, fields: { document: { b: { d: 3, c: 2 }, a: 1 } } })).toBe(ids[5]);
  });
});
