import { rm } from "node:fs/promises";
import { searchLine, searchResponse } from "@arrwdb/protocol/search/search";
import { sessionSearch } from "@arrwdb/protocol/websocket/sessions";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { ArrwClient, type LibraryHandle, type FoundHit } from "arrwdb-client";
import { ArrwVectorStore } from "arrwdb-langchain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestSocket } from "../support/peers/test-socket.ts";
import {
  adminKey,
  bearer,
  createKey,
  createLibraryWith,
  revokeKey,
  startGuardedServer,
} from "../support/server/access.ts";
import { runCommand } from "../support/server/command.ts";
import { spawnServer } from "../support/server/server-process.ts";
import { post, startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

const chunks = 1_205;
const embedding = [1, 0];

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;
let address: string;

async function fill(target: LibraryHandle, count: number): Promise<void> {
  const vectors = Array.from({ length: count }, (_each, index) => [1, index / 100]);
  await target.add({
    id: "many",
    title: "Many",
    chunks: vectors.map((vector, index) => ({ text: `common ${index}`, embedding: vector })),
  });
}

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  const { id } = await client.libraries.create({ name: "Pages", embedding_model: "none", dimension: 2 });
  library = client.library(id);
  address = `${server.url}/v1/libraries/${id}/search`;
  await fill(library, chunks);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const search = async (body: unknown) => searchResponse.parse(await (await post(address, body)).json());
const ranksOf = (hits: readonly FoundHit[]) => hits.map(({ rank, text }) => `${rank} ${text}`);
const expected = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_each, index) => `${from + index} common ${from + index - 1}`);

describe("Pages of a search", () => {
  it("are read over HTTP by the cursor alone, and again by the same one", async () => {
    const first = await search({ embedding, k: 600, pages: true, facets: ["document_id"] });
    expect(ranksOf(first.results)).toEqual(expected(1, 600));
    expect(first).toMatchObject({ total: 600, truncated: false, facets: { document_id: { missing: 0 } } });
    await library.add({ id: "later", title: "T", chunks: [{ text: "later", embedding }] });
    const second = await search({ cursor: first.next_cursor });
    expect(ranksOf(second.results)).toEqual(expected(601, 1_200));
    expect([second.seq, second.exact, second.facets]).toEqual([first.seq, first.exact, undefined]);
    const last = await search({ cursor: second.next_cursor });
    expect([ranksOf(last.results), last.next_cursor, last.total]).toEqual([expected(1_201, 1_205), null, 5]);
    expect((await search({ cursor: first.next_cursor })).results).toEqual(second.results);
    await library.delete("later");
    const plain = await search({ embedding, k: 1 });
    expect(plain).not.toHaveProperty("next_cursor");
    expect(plain).not.toHaveProperty("truncated");
  });

  it("have their cursor in the summary line of NDJSON, and in each answer of a batch", async () => {
    const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
    const asked = { method: "POST", headers, body: JSON.stringify({ embedding, k: 1, pages: true }) };
    const lines = (await (await fetch(address, asked)).text()).trim().split("\n");
    const summary = searchLine.parse(JSON.parse(lines[1] ?? ""));
    if (!("summary" in summary)) throw new Error("There is no summary");
    const { answers } = await library.searchBatch([
      { cursor: summary.summary.next_cursor ?? "" },
      { embedding, k: 1, pages: true },
    ]);
    expect(answers).toEqual([
      expect.objectContaining({ results: [expect.objectContaining({ rank: 2 })] }),
      expect.objectContaining({ next_cursor: expect.any(String) }),
    ]);
  });

  it("are read over the WebSocket", async () => {
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    const first = actions.search.response.parse(
      (await socket.request("search", { embedding, k: 3, pages: true })).data,
    );
    const next = actions.search.response.parse((await socket.request("search", { cursor: first.next_cursor })).data);
    expect(ranksOf([...first.results, ...next.results])).toEqual(expected(1, 6));
    expect(await socket.request("search", { cursor: first.next_cursor, query_text: "x" })).toMatchObject({
      error_code: "validation_failed",
      field: "query_text",
    });
    await socket.close();
  });

  it("are all read by the client, hit by hit or page by page, in every mode", async () => {
    const hits: FoundHit[] = [];
    for await (const hit of library.searchAll({ embedding, k: 500 })) hits.push(hit);
    expect(ranksOf(hits)).toEqual(expected(1, chunks));
    const sizes: number[] = [];
    for await (const { total, explanation } of library.searchPages({ embedding }, { explain: true })) {
      sizes.push(total, explanation === undefined ? 0 : 1);
      if (sizes.length === 4) break;
    }
    expect(sizes).toEqual([100, 1, 100, 0]);
    let scored = 0;
    for await (const { score } of library.searchAll({ query: "common", mode: "text", k: 1_000 }))
      scored += score === undefined ? 0 : 1;
    expect(scored).toBe(chunks);
  });

  it("have the fields and marks that the search of the first one asked for", async () => {
    const include = ["text", "document"] as const;
    const query = { query: "common", mode: "text", k: 2, include, highlight: true } as const;
    const hits: { readonly fields: string[]; readonly marked: unknown }[] = [];
    for await (const hit of library.searchAll(query)) {
      hits.push({ fields: Object.keys(hit).toSorted(), marked: hit.highlights });
      if (hits.length === 5) break;
    }
    expect(new Set(hits.map(({ fields }) => fields.join())).size).toBe(1);
    expect(hits[4]?.fields).toEqual([
      "chunk_id",
      "distance",
      "document",
      "document_id",
      "highlights",
      "rank",
      "score",
      "text",
    ]);
    expect(JSON.stringify(hits[4]?.marked)).toContain("<mark>common</mark>");
  });

  it("are for the others in a room too, who are told the cursor", async () => {
    const [socket, other] = await Promise.all(
      [1, 2].map(() => TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`)),
    );
    if (socket === undefined || other === undefined) throw new Error("There is no connection");
    await other.request("join", { session_id: "room" });
    await socket.request("search", { embedding, k: 2, pages: true, session_id: "room" });
    const told = sessionSearch.parse(await other.wait(({ type }) => type === "session.search"));
    const next = await other.request("search", { cursor: told.data.next_cursor });
    expect(actions.search.response.parse(next.data).results.map(({ rank }) => rank)).toEqual([3, 4]);
    await Promise.all([socket.close(), other.close()]);
  });

  it("are what the command line reads if more hits are asked for than one search has", async () => {
    const asked = ["search", library.id, "common", "--mode", "text", "--url", server.url];
    const { code, output } = await runCommand([...asked, "-k", "1100", "--json"]);
    const { results, total, next_cursor } = JSON.parse(output);
    expect([code, results.length, results.at(-1).rank, total, next_cursor]).toEqual([
      0,
      1_100,
      1_100,
      1_100,
      undefined,
    ]);
    const { output: lines } = await runCommand([...asked, "-k", "10000"]);
    expect(lines.match(/^ *common /gm)).toHaveLength(chunks);
  });

  it("are what a vector store reads if more documents are asked for", async () => {
    const store = new ArrwVectorStore(undefined, { client, libraryId: library.id, mode: "text" });
    expect(await store.similaritySearch("common", 1_100)).toHaveLength(1_100);
    const found = await store.similaritySearchVectorWithScore(embedding, 5_000);
    expect(found.map(([{ pageContent }]) => pageContent)).toEqual(
      expected(1, chunks).map((line) => line.replace(/^\d+ /, "")),
    );
  });

  it.each([
    [{ cursor: "x", k: 10 }, "k", "send the cursor alone"],
    [{ cursor: "x", embedding }, "embedding", "send the cursor alone"],
    [{ cursor: "x", mode: "text" }, "mode", "send the cursor alone"],
    [{ cursor: "x", pages: true }, "pages", "send the cursor alone"],
    [{ cursor: "x", metadata_filter: {} }, "metadata_filter", "send the cursor alone"],
    [{ cursor: "" }, "cursor", "must not be empty"],
    [{ cursor: 7 }, "cursor", ""],
    [{ cursor: "x".repeat(201) }, "cursor", "200"],
    [{ embedding, pages: "yes" }, "pages", "must be true or false"],
    [{ embedding, pages: true, group_by: { field: "author" } }, "pages", "group_by"],
  ])("of %j are refused, with the field", async (body, field, message) => {
    const response = await post(address, body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: "validation_failed",
      field,
      detail: expect.stringContaining(message),
    });
  });

  it("of another library, of none and of long ago are refused", async () => {
    const { next_cursor: cursor } = await search({ embedding, k: 1, pages: true });
    const other = await client.libraries.create({ name: "Other", embedding_model: "none", dimension: 2 });
    const elsewhere = await post(`${server.url}/v1/libraries/${other.id}/search`, { cursor });
    expect([elsewhere.status, await elsewhere.json()]).toEqual([
      422,
      expect.objectContaining({
        code: "invalid_cursor",
        field: "cursor",
        detail: expect.stringContaining("another library"),
      }),
    ]);
    const none = await post(address, { cursor: "abc" });
    expect([none.status, await none.json()]).toEqual([422, expect.objectContaining({ code: "invalid_cursor" })]);
    for (let turn = 0; turn < 8; turn++) await search({ embedding, k: 1, pages: true });
    const replaced = await post(address, { cursor });
    expect([replaced.status, await replaced.json()]).toEqual([
      410,
      expect.objectContaining({
        code: "cursor_expired",
        field: "cursor",
        detail: expect.stringContaining("search again"),
      }),
    ]);
    const explained = await post(`${address}?explain=true`, { cursor });
    expect(await explained.json()).toMatchObject({ code: "validation_failed", field: "explain" });
  });
});

it("Pages are only for keys that may read the library when they ask", async () => {
  const guarded = await startGuardedServer();
  const id = await createLibraryWith(guarded.url);
  const admin = new ArrwClient({ url: guarded.url, key: adminKey });
  await fill(admin.library(id), 5);
  const url = `${guarded.url}/v1/libraries/${id}/search`;
  const key = await createKey(guarded.url, { scope: "read", libraries: [id] });
  const foreign = await createKey(guarded.url, { scope: "read", libraries: [await createLibraryWith(guarded.url)] });
  const first = searchResponse.parse(await (await post(url, { embedding, k: 2, pages: true }, bearer(key.key))).json());
  const statusWith = async (secret: string) => (await post(url, { cursor: first.next_cursor }, bearer(secret))).status;
  expect([await statusWith(key.key), await statusWith(adminKey)]).toEqual([200, 200]);
  expect([403, 404]).toContain(await statusWith(foreign.key));
  await revokeKey(guarded.url, key.id);
  expect(await statusWith(key.key)).toBe(401);
  admin.close();
  await guarded.stop();
});

it("A cursor does not outlive its server, and the error says to search again", async () => {
  const directory = await temporaryDirectory();
  const first = await spawnServer(directory);
  const before = new ArrwClient({ url: first.url });
  const { id } = await before.libraries.create({ name: "Killed", embedding_model: "none", dimension: 2 });
  await fill(before.library(id), 5);
  const { next_cursor: cursor } = await before.library(id).search({ embedding, k: 2, pages: true });
  before.close();
  await first.kill();
  const second = await spawnServer(directory);
  const after = new ArrwClient({ url: second.url });
  await expect(after.library(id).search({ cursor: cursor ?? "" })).rejects.toMatchObject({
    code: "cursor_expired",
    status: 410,
    retryable: false,
  });
  const hits: FoundHit[] = [];
  for await (const hit of after.library(id).searchAll({ embedding, k: 2 })) hits.push(hit);
  expect(ranksOf(hits)).toEqual(expected(1, 5));
  after.close();
  await second.kill();
  await rm(directory, { recursive: true, force: true });
});
