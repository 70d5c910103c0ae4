import { rm } from "node:fs/promises";
import { problem } from "@arrwdb/protocol/errors/problem";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../server/src/settings/config.ts";
import { dimension, EmbeddingServer, itemsOf } from "../support/embedding/embedding-servers.ts";
import {
  createLibrary,
  post,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";

/** Prefixes and fields as people set them: by environment, for a whole server, and over restarts. */
describe("A server whose model expects prefixes", () => {
  let provider: EmbeddingServer;
  let server: TestServer | undefined;
  let environment: Readonly<Record<string, string>>;
  const nomic = {
    ARRWDB_EMBEDDING_DOCUMENT_PREFIX: "search_document: ",
    ARRWDB_EMBEDDING_QUERY_PREFIX: "search_query: ",
  };

  beforeEach(async () => {
    provider = new EmbeddingServer((body) => ({ body: { data: itemsOf(body) } }));
    environment = {
      ARRWDB_DATA_DIR: await temporaryDirectory(),
      ARRWDB_EMBEDDING: "openai-compatible:nomic-embed-text",
      ARRWDB_EMBEDDING_BASE_URL: await provider.start(),
      ARRWDB_EMBEDDING_DIMENSION: String(dimension),
    };
  });
  afterEach(async () => {
    await server?.stop();
    await provider.stop();
    await rm(environment["ARRWDB_DATA_DIR"] ?? "", { recursive: true, force: true });
  });

  async function start(more: Readonly<Record<string, string>>): Promise<string> {
    await server?.stop();
    server = await startServer({ ...environment, ...more });
    return server.url;
  }
  const add = (url: string, id: string, text: string) =>
    post(`${url}/v1/libraries/${id}/documents`, { title: text, texts: [text] });
  const search = (url: string, id: string, query: string) => post(`${url}/v1/libraries/${id}/search`, { query, k: 1 });
  const asked = () => provider.asked.splice(0).flatMap(({ input }) => input);

  it("sends them, and shows the texts without them", async () => {
    const url = await start(nomic);
    const { id } = await createLibrary(url);
    expect((await add(url, id, "the otter")).status).toBe(201);
    const found = searchResponse.parse(await (await search(url, id, "the otter")).json());
    expect(found.results).toMatchObject([{ text: "the otter" }]);
    expect(asked()).toEqual(["search_document: the otter", "search_query: the otter"]);
  });

  it("mixes no vectors of different prefixes in a library, whichever was first", async () => {
    const plain = await createLibrary(await start({}));
    const prefixed = await createLibrary(await start(nomic));
    expect(prefixed.embedding_model).not.toBe(plain.embedding_model);
    for (const [settings, own, other] of [
      [{}, plain, prefixed],
      [nomic, prefixed, plain],
      [{ ...nomic, ARRWDB_EMBEDDING_QUERY_PREFIX: "query: " }, undefined, prefixed],
      [{ ARRWDB_EMBEDDING_DOCUMENT_FIELDS: '{"input_type":"document"}' }, undefined, plain],
    ] as const) {
      const url = await start(settings);
      if (own !== undefined) expect((await add(url, own.id, "a text")).status).toBe(201);
      for (const refused of [await add(url, other.id, "a text"), await search(url, other.id, "a text")]) {
        expect(problem.parse(await refused.json())).toMatchObject({
          status: 503,
          code: "embedder_unavailable",
          detail: expect.stringContaining("_QUERY_PREFIX"),
        });
      }
    }
  });

  it("recalls from the cache only what was embedded with the same prefixes", async () => {
    const texts: string[] = [];
    for (const settings of [{}, nomic, {}, nomic]) {
      const url = await start(settings);
      const { id } = await createLibrary(url);
      expect((await add(url, id, "the otter")).status).toBe(201);
      texts.push(...asked());
    }
    expect(texts).toEqual(["the otter", "search_document: the otter"]);
  });

  it("makes a library of the model by its name, and by the name that libraries show", async () => {
    const url = await start(nomic);
    const { embedding_model } = await createLibrary(url);
    for (const name of [embedding_model, "openai-compatible:nomic-embed-text"]) {
      const { id } = await createLibrary(url, { embedding_model: name });
      expect((await add(url, id, "a text")).status).toBe(201);
    }
    expect(asked()).toEqual(["search_document: a text"]);
  });

  it("takes a new line as Qwen3 expects it, and sends the fields of each purpose", async () => {
    const url = await start({
      ARRWDB_EMBEDDING_QUERY_PREFIX: String.raw`Instruct: Find passages that answer the query\nQuery:`,
      ARRWDB_EMBEDDING_DOCUMENT_FIELDS: '{"input_type":"passage","dimensions":32}',
      ARRWDB_EMBEDDING_QUERY_FIELDS: '{"input_type":"query"}',
      ARRWDB_EMBEDDING_OMIT_FIELDS: "encoding_format",
    });
    const { id } = await createLibrary(url);
    await add(url, id, "a text");
    await search(url, id, "why");
    const model = "nomic-embed-text";
    expect(provider.asked).toEqual([
      { model, input: ["a text"], input_type: "passage", dimensions: 32 },
      { model, input: ["Instruct: Find passages that answer the query\nQuery:why"], input_type: "query" },
    ]);
  });
});

describe("Settings of what is sent besides the texts", () => {
  it.each([
    ["ARRWDB_EMBEDDING_DOCUMENT_FIELDS", "input_type=passage", "JSON object"],
    ["ARRWDB_EMBEDDING_DOCUMENT_FIELDS", "[1]", "JSON object"],
    ["ARRWDB_EMBEDDING_QUERY_FIELDS", "null", "JSON object"],
    ["ARRWDB_EMBEDDING_QUERY_FIELDS", '{"model":"other"}', "model"],
    ["ARRWDB_EMBEDDING_DOCUMENT_FIELDS", '{"input":[]}', "input"],
    ["ARRWDB_EMBEDDING_OMIT_FIELDS", "model", "encoding_format"],
    ["ARRWDB_EMBEDDING_OMIT_FIELDS", "encoding_format;dimensions", "encoding_format"],
    ["ARRWDB_EMBEDDING_TEXTS_PER_CALL", "0", "at least 1"],
  ])("%s=%s is refused", (name, value, words) => {
    expect(() => readConfig([], { [name]: value })).toThrow(ConfigError);
    expect(() => readConfig([], { [name]: value })).toThrow(words);
  });

  it.each([
    ["builtin", "ARRWDB_EMBEDDING_DOCUMENT_PREFIX", "x"],
    ["builtin", "ARRWDB_EMBEDDING_QUERY_PREFIX", "x"],
    ["builtin", "ARRWDB_EMBEDDING_OMIT_FIELDS", "dimensions"],
    ["cohere:embed-english-v3.0", "ARRWDB_EMBEDDING_QUERY_FIELDS", "{}"],
    ["cohere:embed-english-v3.0", "ARRWDB_EMBEDDING_DOCUMENT_FIELDS", "{}"],
  ])("%s has no use for %s, and says so at the start", async (embedding, name, value) => {
    const data = await temporaryDirectory();
    const settings = { ARRWDB_DATA_DIR: data, ARRWDB_EMBEDDING: embedding, COHERE_API_KEY: "secret", [name]: value };
    await expect(startServer(settings)).rejects.toThrow(name);
    await rm(data, { recursive: true, force: true });
  });
});
