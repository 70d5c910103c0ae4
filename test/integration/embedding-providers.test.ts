import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Embedder, EmbedResult } from "../../server/src/embedding/embedder.ts";
import { createProvider, type EmbeddingSettings } from "../../server/src/embedding/embedding-settings.ts";
import { FakeEmbeddingProvider, type Mishap, refusedMarker } from "../support/embedding/fake-embedding-provider.ts";

const key = "a-very-secret-key";
let provider: FakeEmbeddingProvider;
let url: string;
const open: Embedder[] = [];

beforeEach(async () => {
  provider = new FakeEmbeddingProvider(1024);
  url = await provider.start();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((embedder) => embedder.close()));
  await provider.stop();
});

function connect(settings: EmbeddingSettings): Embedder {
  const embedder = createProvider(settings);
  if (embedder === undefined) throw new Error("This is no provider");
  open.push(embedder);
  return embedder;
}

const cohere = (more: Partial<EmbeddingSettings> = {}) =>
  connect({ embedding: "cohere:embed-english-v3.0", cohereApiKey: key, baseUrl: `${url}/v2`, maxRetries: 0, ...more });

const openai = (more: Partial<EmbeddingSettings> = {}) =>
  connect({ embedding: "openai:text-embedding-3-small", openaiApiKey: key, baseUrl: `${url}/v1`, ...more });

const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
/** Texts of each call, in any order, as calls run at the same time. */
const sizes = () => provider.calls.map((call) => call.texts.length).toSorted((a, b) => a - b);
const outcome = (result: EmbedResult) => ("vector" in result ? "vector" : errorOf(result).code);

function errorOf(result: EmbedResult | undefined): ArrwError {
  if (result !== undefined && "error" in result && result.error instanceof ArrwError) return result.error;
  throw new Error("There is no ArrwError");
}

async function failure(embedder: Embedder): Promise<ArrwError> {
  const [result] = await embedder.embed({ texts: ["a text"], purpose: "document" });
  return errorOf(result);
}

describe("Cohere", () => {
  it("is told model, key, and what the texts are for", async () => {
    const embedder = cohere();
    await embedder.embed({ texts: ["a document"], purpose: "document" });
    await embedder.embed({ texts: ["a query"], purpose: "query" });
    const shared = { path: "/v2/embed", model: "embed-english-v3.0", authorization: `Bearer ${key}` };
    expect(provider.calls).toMatchObject([
      { ...shared, texts: ["a document"], inputType: "search_document" },
      { ...shared, texts: ["a query"], inputType: "search_query" },
    ]);
  });

  it("is asked for the dimension of the setting where its model has several", async () => {
    const [result] = await cohere({ embedding: "cohere:embed-v4.0", dimension: 256 }).embed({
      texts: ["a text"],
      purpose: "query",
    });
    expect(result).toMatchObject({ vector: expect.objectContaining({ length: 256 }) });
    expect(provider.calls[0]).toMatchObject({ dimensions: 256 });
  });

  it("gets 96 texts a call", async () => {
    const results = await cohere().embed({ texts: texts(250), purpose: "document" });
    expect(results.map(outcome)).toEqual(texts(250).map(() => "vector"));
    expect(sizes()).toEqual([58, 96, 96]);
  });
});

describe("OpenAI", () => {
  it("is told model, key and dimension", async () => {
    await openai({ dimension: 512 }).embed({ texts: ["a text"], purpose: "query" });
    const authorization = `Bearer ${key}`;
    expect(provider.calls).toMatchObject([
      { path: "/v1/embeddings", model: "text-embedding-3-small", dimensions: 512, authorization },
    ]);
  });

  it("gets no more characters a call than its tokens allow", async () => {
    const long = texts(8).map((text) => text.padEnd(100_000, " and more"));
    await openai({ dimension: 512 }).embed({ texts: long, purpose: "document" });
    expect(sizes()).toEqual([2, 3, 3]);
  });

  it("may be another server, without a key", async () => {
    const embedder = connect({ embedding: "openai-compatible:own", baseUrl: `${url}/v1`, dimension: 1024 });
    const [result] = await embedder.embed({ texts: ["a text"], purpose: "document" });
    expect(result).toHaveProperty("vector");
    expect(provider.calls).toMatchObject([{ model: "own", authorization: undefined }]);
  });
});

describe("A provider that fails", () => {
  it.each<[string, Mishap, Partial<ArrwError>]>([
    ["refuses the key", { status: 401, message: `wrong key ${key}` }, { code: "embedder_unavailable" }],
    ["forbids the model", { status: 403, message: `wrong key ${key}` }, { code: "embedder_unavailable" }],
    ["does not know the model", { status: 404, message: "no such model" }, { code: "embedder_rejected" }],
    ["refuses the text", { status: 400, message: "too long" }, { code: "embedder_rejected" }],
    ["asks for fewer requests", { status: 429, retryAfter: "7" }, { code: "embedder_rate_limited", retryAfter: 7 }],
    ["asks so without a time", { status: 429 }, { code: "embedder_rate_limited", retryAfter: 10 }],
    ["fails", { status: 500 }, { code: "embedder_failed", retryAfter: 5 }],
    ["fails for a while", { status: 503, retryAfter: "9" }, { code: "embedder_failed", retryAfter: 9 }],
    ["hangs up", "hang up", { code: "embedder_failed" }],
    ["gives no JSON", "not JSON", { code: "embedder_failed" }],
    ["gives too few vectors", "one vector too few", { code: "embedder_failed" }],
    ["gives no numbers", "null numbers", { code: "embedder_failed" }],
    ["gives zeros", "zeros", { code: "embedder_failed" }],
    ["gives another dimension", "wrong dimension", { code: "embedder_dimension" }],
  ])("that %s", async (_, mishap, expected) => {
    provider.plan(mishap);
    const error = await failure(cohere());
    expect(error).toMatchObject(expected);
    expect(error.message).toContain("cohere:embed-english-v3.0");
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(key);
  });

  it("is told in words that help", async () => {
    provider.plan({ status: 401 }, { status: 400, message: "the text is too long" }, "wrong dimension");
    const embedder = cohere();
    expect((await failure(embedder)).message).toContain("COHERE_API_KEY");
    expect((await failure(embedder)).message).toContain("the text is too long");
    expect((await failure(embedder)).message).toMatch(/1023 .*1024/);
  });

  it.each<Mishap>(["hang", "hang in the body"])("by taking too long is left: %s", async (mishap) => {
    provider.plan(mishap);
    expect((await failure(cohere({ timeoutMs: 150 }))).code).toBe("embedder_timeout");
  });

  it("is a server that is not there", async () => {
    const embedder = cohere({ baseUrl: "http://127.0.0.1:1/v2" });
    expect((await failure(embedder)).code).toBe("embedder_failed");
  });

  it("is asked again after the time that it names", async () => {
    provider.plan({ status: 429, retryAfter: "0" }, { status: 503, retryAfter: "0" });
    const [result] = await cohere({ maxRetries: 2 }).embed({ texts: ["a text"], purpose: "document" });
    expect(result).toHaveProperty("vector");
    expect(provider.calls).toHaveLength(3);
  });

  it("is given up after so many retries", async () => {
    provider.plan(...[1, 2, 3, 4].map(() => ({ status: 429, retryAfter: "0" })));
    expect((await failure(cohere({ maxRetries: 2 }))).code).toBe("embedder_rate_limited");
    expect(provider.calls).toHaveLength(3);
  });
});

describe("A batch that fails", () => {
  it("leaves the other batches as they are", async () => {
    const release = provider.hold();
    const embedding = cohere().embed({ texts: texts(200), purpose: "document" });
    await provider.called(1);
    provider.plan({ status: 503 });
    await provider.called(3);
    release();
    const results = await embedding;
    const failed = results.flatMap((result, index) => (outcome(result) === "vector" ? [] : [index]));
    const [second] = provider.calls.slice(1, 2);
    expect(failed.map((index) => `text ${index}`)).toEqual(second?.texts);
  });

  it("is halved until the text at fault fails alone", async () => {
    const all = texts(96).map((text, index) => (index === 41 ? `${text} ${refusedMarker}` : text));
    const results = await cohere().embed({ texts: all, purpose: "document" });
    expect(results.map(outcome)).toEqual(all.map((_, index) => (index === 41 ? "embedder_rejected" : "vector")));
    expect(provider.calls.length).toBeLessThanOrEqual(15);
  });

  it("does not cost calls without end when all its texts are at fault", async () => {
    const all = texts(96).map((text) => `${text} ${refusedMarker}`);
    const results = await cohere().embed({ texts: all, purpose: "document" });
    expect(new Set(results.map(outcome))).toEqual(new Set(["embedder_rejected"]));
    expect(provider.calls.length).toBeLessThanOrEqual(49);
  });

  it("of many lines fails none but the lines at fault, however many they are", async () => {
    const embedder = cohere();
    const lines = texts(96).map((text, index) => (index === 50 ? text : `${text} ${refusedMarker}`));
    const results = await Promise.all(lines.map((text) => embedder.embed({ texts: [text], purpose: "document" })));
    const expected = lines.map((_, index) => (index === 50 ? "vector" : "embedder_rejected"));
    expect(results.flat().map(outcome)).toEqual(expected);
  });

  it("is not halved for what is no fault of a text", async () => {
    provider.plan({ status: 404 });
    await cohere().embed({ texts: texts(96), purpose: "document" });
    expect(provider.calls).toHaveLength(1);
  });
});

describe("Calls at the same time", () => {
  const documentCalls = (embedder: Embedder) => embedder.limits.parallelCalls - 1;

  it("are bounded, and documents leave one of them to queries", async () => {
    const embedder = cohere();
    const release = provider.hold();
    const documents = embedder.embed({ texts: texts(96 * 8), purpose: "document" });
    await provider.called(documentCalls(embedder));
    const query = embedder.embed({ texts: ["one"], purpose: "query" });
    await provider.called(embedder.limits.parallelCalls);
    const more = ["two", "three"].map((text) => embedder.embed({ texts: [text], purpose: "query" }));
    release();
    await Promise.all([documents, query, ...more]);
    expect(provider.calls[embedder.limits.parallelCalls - 1]?.texts).toEqual(["one"]);
    // Those that waited went together, before the documents that waited too; released calls may come in any order.
    const next = provider.calls.slice(embedder.limits.parallelCalls, 2 * embedder.limits.parallelCalls);
    expect(next.map((call) => call.texts)).toContainEqual(["two", "three"]);
    expect(provider.calls).toHaveLength(10);
  });

  it("are shared by uploads, whoever came first", async () => {
    const embedder = cohere();
    const release = provider.hold();
    const first = embedder.embed({ texts: texts(96 * 12), purpose: "document", flow: {} });
    await provider.called(documentCalls(embedder));
    const others = ["second", "third"].map((name) =>
      embedder.embed({ texts: texts(96 * 2).map((text) => `${name} ${text}`), purpose: "document", flow: {} }),
    );
    release();
    await Promise.all([first, ...others]);
    // A call of each upload in turn, besides those that were under way, and those that overtook others on their way.
    const early = provider.calls.slice(0, documentCalls(embedder) + 3 + 6).map((call) => call.texts[0]?.split(" ")[0]);
    expect(early.filter((name) => name === "second" || name === "third")).toHaveLength(4);
  });

  it("take the texts of several lines of an upload, and never of two uploads", async () => {
    const [one, other] = [{}, {}];
    const embedder = cohere();
    const lines = texts(40).map((text, index) => {
      const flow = index % 2 === 0 ? one : other;
      return embedder.embed({ texts: [text], purpose: "document", flow });
    });
    const results = (await Promise.all(lines)).flat();
    expect(results.map(outcome)).toEqual(texts(40).map(() => "vector"));
    const even = texts(40).filter((_, index) => index % 2 === 0);
    const odd = texts(40).filter((_, index) => index % 2 === 1);
    expect(provider.calls.map((call) => call.texts).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      even,
      odd,
    ]);
  });

  it("are given up when the last line that waits for one has left", async () => {
    const embedder = cohere();
    const controllers = [new AbortController(), new AbortController()];
    provider.plan("hang");
    const left = controllers.map(({ signal }, index) =>
      embedder.embed({ texts: [`text ${index}`], purpose: "document", signal }),
    );
    const outcomes = Promise.allSettled(left);
    await provider.called(1);
    for (const controller of controllers) controller.abort(new Error("gone"));
    for (const each of await outcomes) expect(each).toMatchObject({ status: "rejected" });
    await provider.hungUp(1);
  });

  it("that were left make room for others", async () => {
    const embedder = cohere();
    const controller = new AbortController();
    provider.plan("hang", "hang", "hang", "hang");
    const left = embedder.embed({ texts: texts(96 * 8), purpose: "document", signal: controller.signal });
    await provider.called(documentCalls(embedder));
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    const [result] = await embedder.embed({ texts: ["a text"], purpose: "document" });
    expect(result).toHaveProperty("vector");
    expect(provider.calls).toHaveLength(documentCalls(embedder) + 1);
  });
});
