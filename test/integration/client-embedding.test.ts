import { ArrwClient, type LineResult } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { soon } from "../support/peers/test-client.ts";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

let provider: FakeEmbeddingProvider;
let server: TestServer;

beforeAll(async () => {
  provider = new FakeEmbeddingProvider(1024);
  server = await startServer({
    ARRWDB_EMBEDDING: "cohere:embed-english-v3.0",
    ARRWDB_EMBEDDING_BASE_URL: `${await provider.start()}/v2`,
    COHERE_API_KEY: "secret-key",
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

async function ingest(attempts: number): Promise<readonly LineResult[]> {
  const client = new ArrwClient({ url: server.url, reconnect: soon });
  const { id } = await client.libraries.create({ name: "test" });
  const results: LineResult[] = [];
  const documents = ["one", "two"].map((title) => ({ title, text: `${title} of ${attempts}` }));
  for await (const result of client.library(id).ingest(documents, { attempts })) results.push(result);
  return results;
}

it("A document whose failure may pass is tried again", async () => {
  provider.plan("one vector too few");
  expect(await ingest(3)).toMatchObject([
    { line: 1, success: true },
    { line: 2, success: true },
  ]);
});

it("A document that fails as often as it may is told of", async () => {
  provider.plan(...Array.from({ length: 20 }, () => "one vector too few" as const));
  expect(await ingest(2)).toMatchObject([
    { line: 1, success: false, error_code: "embedder_failed", retryable: true },
    { line: 2, success: false, error_code: "embedder_failed", retryable: true },
  ]);
});
