import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEmbeddingProvider, refusedMarker } from "../support/embedding/fake-embedding-provider.ts";
import {
  createLibrary,
  post,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";
import { problemOf, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

/** Each line of an answer, as it comes. */
async function* linesOf(response: Response): AsyncGenerator {
  if (response.body === null) throw new Error("There is no body");
  for await (const text of createInterface({ input: Readable.fromWeb(response.body) })) {
    const value: unknown = JSON.parse(text);
    yield value;
  }
}

/** The whole server on a provider: what an embedding costs is paid once, and what fails is told line by line. */
describe("A server with a provider", () => {
  let provider: FakeEmbeddingProvider;
  let server: TestServer;
  let environment: Readonly<Record<string, string>>;

  beforeEach(async () => {
    provider = new FakeEmbeddingProvider(1024);
    environment = {
      ARRWDB_DATA_DIR: await temporaryDirectory(),
      ARRWDB_EMBEDDING: "cohere:embed-english-v3.0",
      ARRWDB_EMBEDDING_BASE_URL: `${await provider.start()}/v2`,
      COHERE_API_KEY: "secret-key",
    };
    server = await startServer(environment);
  });
  afterEach(async () => {
    await server.stop();
    await provider.stop();
    await rm(server.directory, { recursive: true, force: true });
  });

  const lines = (...texts: readonly string[]) =>
    texts.map((text) => JSON.stringify({ title: text, texts: [text] })).join("\n");
  const unit = (dimension: number) => Array.from({ length: dimension }, (_, index) => (index === 0 ? 1 : 0));
  const textsAsked = () =>
    provider.calls.filter(({ inputType }) => inputType === "search_document").flatMap(({ texts }) => texts);

  it("embeds each text once, whoever sends it and whenever, and keeps every document", async () => {
    const { id, dimension } = await createLibrary(server.url);
    expect(dimension).toBe(1024);
    expect(await resultsOf(uploadTo(uploadUrl(server.url, id), lines("a", "b", "a")))).toMatchObject({ successful: 3 });
    await server.stop();
    server = await startServer(environment);
    expect(await resultsOf(uploadTo(uploadUrl(server.url, id), lines("b", "c")))).toMatchObject({ successful: 2 });
    expect(textsAsked().toSorted()).toEqual(["a", "b", "c"]);
    const response = await post(`${server.url}/v1/libraries/${id}/search`, { query: "a", k: 10 });
    expect(
      searchResponse
        .parse(await response.json())
        .results.map(({ text = "" }) => text)
        .toSorted(),
    ).toEqual(["a", "a", "b", "b", "c"]);
    expect(provider.calls.at(-1)).toMatchObject({ texts: ["a"], inputType: "search_query" });
  });

  it("commits lines while the next one is embedded, and reads on, and keeps the order", async () => {
    const { id } = await createLibrary(server.url);
    await resultsOf(uploadTo(uploadUrl(server.url, id), lines("known")));
    const release = provider.hold();
    const body = [lines("known", "known"), "no JSON", lines("slow", "known", "slow too")].join("\n");
    const response = await uploadTo(uploadUrl(server.url, id), body, { accept: "application/x-ndjson" });
    const receipts = linesOf(response);
    for (const expected of [
      { line: 1, success: true, seq: 3 },
      { line: 2, success: true, seq: 4 },
      { line: 3, success: false, error_code: "malformed_json" },
    ]) {
      expect((await receipts.next()).value).toMatchObject(expected);
    }
    // The next line is with the provider, and so is one behind it.
    await provider.called(2);
    while (!textsAsked().includes("slow too")) await provider.called(provider.calls.length + 1);
    const found = await post(`${server.url}/v1/libraries/${id}/search`, { embedding: unit(1024), k: 10 });
    expect(searchResponse.parse(await found.json())).toMatchObject({ total: 3, seq: 4 });
    release();
    const rest: unknown[] = [];
    for await (const receipt of receipts) rest.push(receipt);
    expect(rest).toMatchObject([
      { line: 4, success: true, title: "slow", seq: 5 },
      { line: 5, success: true, title: "known", seq: 6 },
      { line: 6, success: true, title: "slow too", seq: 7 },
      { summary: { successful: 5, failed: 1, seq: 7 } },
    ]);
  });

  it("keeps all calls busy with one upload of single lines, and a search does not wait for them", async () => {
    const { id } = await createLibrary(server.url);
    const release = provider.hold();
    const all = Array.from({ length: 600 }, (_, index) => `text ${index}`);
    const uploading = resultsOf(uploadTo(uploadUrl(server.url, id), lines(...all)));
    await provider.called(4);
    const searching = post(`${server.url}/v1/libraries/${id}/search`, { query: "a query", k: 1 });
    await provider.called(5);
    expect(provider.calls.at(-1)?.inputType).toBe("search_query");
    release();
    expect((await searching).status).toBe(200);
    expect(await uploading).toMatchObject({ successful: 600, failed: 0 });
    expect(textsAsked().toSorted()).toEqual(all.toSorted());
    // Far fewer calls than lines.
    expect(provider.calls.length).toBeLessThan(60);
  });

  it("fails the lines that the provider refuses, and no others", async () => {
    const { id } = await createLibrary(server.url);
    const answer = await resultsOf(
      uploadTo(uploadUrl(server.url, id), lines("fine", `${refusedMarker} please`, "good")),
    );
    expect(answer.results).toMatchObject([
      { success: true },
      { success: false, error_code: "embedder_rejected", retryable: false },
      { success: true },
    ]);
    expect(answer.seq).toBe(3);
  });

  it("tells of a wrong key without telling the key", async () => {
    const { id } = await createLibrary(server.url);
    provider.plan({ status: 401 });
    const failed = await problemOf(await post(`${server.url}/v1/libraries/${id}/search`, { query: "x" }));
    expect(failed).toMatchObject({
      status: 503,
      code: "embedder_unavailable",
      detail: expect.stringContaining("COHERE_API_KEY"),
    });
    expect(JSON.stringify(failed)).not.toContain("secret-key");
  });

  it("serves a library of the built-in model and one of vectors beside it", async () => {
    const builtin = await createLibrary(server.url, { embedding_model: "builtin" });
    expect(builtin.dimension).toBe(512);
    expect(await resultsOf(uploadTo(uploadUrl(server.url, builtin.id), lines("a cat")))).toMatchObject({
      successful: 1,
    });
    const vectors = await createLibrary(server.url, { embedding_model: "none", dimension: 2 });
    const own = JSON.stringify({ title: "v", chunks: [{ text: "v", embedding: [1, 0] }] });
    expect(await resultsOf(uploadTo(uploadUrl(server.url, vectors.id), own))).toMatchObject({ successful: 1 });
    expect(provider.calls).toEqual([]);
  });

  it("tells which setting brings back a model that it was started without", async () => {
    const { id } = await createLibrary(server.url);
    await server.stop();
    server = await startServer({ ARRWDB_DATA_DIR: server.directory });
    const failed = await problemOf(await post(`${server.url}/v1/libraries/${id}/search`, { query: "x" }));
    expect(failed).toMatchObject({
      code: "embedder_unavailable",
      detail: expect.stringContaining("ARRWDB_EMBEDDING=cohere:embed-english-v3.0"),
    });
    const embedding = Array.from({ length: 1024 }, (_, index) => (index === 0 ? 1 : 0));
    expect((await post(`${server.url}/v1/libraries/${id}/search`, { embedding })).status).toBe(200);
  });
});
