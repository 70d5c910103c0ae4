import { searchBatchResponse } from "@arrwdb/protocol/search/search-batch";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;
let address: string;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  const { id } = await createVectorLibrary(server.url);
  library = client.library(id);
  address = `${server.url}/v1/libraries/${id}/search/batch`;
  for (let number = 0; number < 5; number++) {
    const embedding = [1, number, 0, 0];
    await library.add({ id: `${number}`, title: "T", number, chunks: [{ text: `word${number} common`, embedding }] });
  }
});
afterAll(async () => {
  client.close();
  await server.stop();
});

it("Several searches in one request are answered as each alone, in their order", async () => {
  const queries = [
    { embedding: [1, 0, 0, 0], k: 2 },
    { query: "word3", mode: "text" as const },
    { embedding: [0, 1, 0, 0], k: 3, metadata_filter: { number: { $lt: 4 } }, facets: ["number"] },
    { embedding: [1, 1, 0, 0], k: 2, group_by: { field: "document_id" } },
  ];
  const { answers } = await library.searchBatch(queries);
  const alone = await Promise.all(queries.map((query) => library.search(query)));
  const timed = { took_ms: expect.any(Number) };
  expect(answers).toEqual(alone.map((answer) => ({ ...answer, ...timed })));
});

it("A search of a batch that fails is an error in its place", async () => {
  const searches = [{ embedding: [1, 0] }, { embedding: [1, 0, 0, 0], k: 1 }, { like: { document_id: "none" } }];
  const { answers } = searchBatchResponse.parse(await (await post(address, { searches })).json());
  expect(answers).toEqual([
    expect.objectContaining({ success: false, error_code: "dimension_mismatch", field: "embedding", retryable: false }),
    expect.objectContaining({ total: 1, exact: true }),
    expect.objectContaining({ success: false, error_code: "document_not_found" }),
  ]);
});

it.each([
  [{ searches: [] }, "searches", "at least one"],
  [{ searches: Array.from({ length: 101 }, () => ({ embedding: [1, 0, 0, 0] })) }, "searches", "100"],
  [{ searches: [{ embedding: [1, 0, 0, 0] }, { embedding: [1, 0, 0, 0], k: 0 }] }, "searches[1].k", "at least 1"],
  [{ searches: [{ query: "x", embedding: [1] }] }, "searches[0].query", "exactly one"],
  [{ searches: "all" }, "searches", ""],
  [{}, "searches", ""],
])("A batch of %j is refused, with the field", async (body, field, message) => {
  const response = await post(address, body);
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ field, detail: expect.stringContaining(message) });
});

it.each([
  [{ embedding: [1, 0, 0, 0], filter: {} }, "filter", "metadata_filter is what it is called here"],
  [{ vector: [1, 0, 0, 0] }, "vector", "embedding is what"],
  [{ embedding: [1, 0, 0, 0], group_by: "tags" }, "group_by", 'such as {"field": "author"}'],
])("A search of %j is told the name or the form of the field", async (body, field, message) => {
  const response = await post(address.replace("/batch", ""), body);
  expect(await response.json()).toMatchObject({ field, detail: expect.stringContaining(message) });
});

it("Each search of a batch counts for the limit of its key", async () => {
  const limited = await startServer({ ARRWDB_RATE_LIMIT: "5" });
  const { id } = await createVectorLibrary(limited.url);
  const searches = Array.from({ length: 6 }, () => ({ embedding: [1, 0, 0, 0], k: 1 }));
  const response = await post(`${limited.url}/v1/libraries/${id}/search/batch`, { searches });
  const { answers } = searchBatchResponse.parse(await response.json());
  const codes = answers.map((answer) => ("error_code" in answer ? answer.error_code : "found"));
  // Creating the library was the first request of the five.
  expect(codes).toEqual(["found", "found", "found", "found", "rate_limited", "rate_limited"]);
  await limited.stop();
});

it("A batch on a library that is not there is the error of the request", async () => {
  const absent = `${server.url}/v1/libraries/${crypto.randomUUID()}/search/batch`;
  const response = await post(absent, { searches: [{ embedding: [1] }] });
  expect([response.status, await response.json()]).toEqual([
    404,
    expect.objectContaining({ code: "library_not_found" }),
  ]);
});
