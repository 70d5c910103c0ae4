import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestSocket } from "../support/peers/test-socket.ts";
import { runCommand } from "../support/server/command.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let libraryId: string;
let path: string;

const kitchen = [
  ["pan", [1, 0, 0, 0]],
  ["pot", [1, 0.1, 0, 0]],
  ["cup", [0.5, 1, 0, 0]],
  ["car", [0, 0, 1, 0]],
] as const;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  libraryId = (await createVectorLibrary(server.url)).id;
  path = `${server.url}/v1/libraries/${libraryId}`;
  const library = client.library(libraryId);
  for (const [id, embedding] of kitchen) {
    await library.add({ id, title: id, chunks: [{ text: `A ${id}`, embedding: [...embedding] }] });
  }
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const unknown = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
const like = { document_id: "pan" };
const titlesOf = (results: readonly { readonly document: { readonly title: string } }[]) =>
  results.map(({ document }) => document.title);

it("finds what is like a document or chunk, over HTTP, in the client, over a WebSocket and on the command line", async () => {
  const library = client.library(libraryId);
  const { results } = await library.search({ like, k: 2 });
  expect(titlesOf(results)).toEqual(["pot", "cup"]);
  const chunk = (await library.get("pot")).chunks[0]?.id ?? "";
  expect(titlesOf((await library.search({ like: { chunk_id: chunk }, k: 1 })).results)).toEqual(["pan"]);

  const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
  expect(await socket.request("search", { like, k: 1 })).toMatchObject({
    success: true,
    data: { results: [{ document_id: "pot" }] },
  });
  expect(await socket.request("search", { like: { document_id: "spoon" } })).toMatchObject({
    error_code: "document_not_found",
  });
  await socket.close();

  const { output, code } = await runCommand(["search", libraryId, "--like", "pan", "-k", "1"], { url: server.url });
  expect([code, output]).toEqual([0, expect.stringContaining("A pot")]);
});

it("waits for the position at which what it names is written", async () => {
  const { seq } = await client.library(libraryId).info();
  const search = client.library(libraryId).search({ like: { document_id: "mug" }, min_seq: seq + 1, k: 1 });
  await client
    .library(libraryId)
    .add({ id: "mug", title: "mug", chunks: [{ text: "A mug", embedding: [0, 1, 0, 0] }] });
  expect(titlesOf((await search).results)).toEqual(["cup"]);
});

it.each([
  [{ like, query: "pan" }, "query", "give exactly one of query, embedding and like"],
  [{ like, query: "pan", mode: "text" }, "like", 'is allowed only with mode "vector"'],
  [{ like: { document_id: "pan", chunk_id: unknown } }, "like", ""],
  [{ like: "pan" }, "like", 'must be {"document_id"'],
  [{ like: { chunk_id: "pan" } }, "like", ""],
])("refuses %o", async (body, field, message) => {
  const response = await post(`${path}/search`, body);
  expect([response.status, await response.json()]).toEqual([
    422,
    expect.objectContaining({ field: expect.stringContaining(field), detail: expect.stringContaining(message) }),
  ]);
});

it("tells what is missing", async () => {
  const document = await post(`${path}/search`, { like: { document_id: "spoon" } });
  expect([document.status, await document.json()]).toEqual([
    404,
    expect.objectContaining({ code: "document_not_found", field: "like.document_id" }),
  ]);
  const chunk = await post(`${path}/search`, { like: { chunk_id: unknown } });
  expect([chunk.status, await chunk.json()]).toEqual([404, expect.objectContaining({ code: "chunk_not_found" })]);
});
