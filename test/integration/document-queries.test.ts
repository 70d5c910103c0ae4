import { documentCount, documentList } from "@arrwdb/protocol/documents/document-queries";
import { deletionLine, documentsDeleted } from "@arrwdb/protocol/documents/document-deletions";
import { problem } from "@arrwdb/protocol/errors/problem";
import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestSocket } from "../support/peers/test-socket.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let libraryId: string;
let path: string;
const idOf = (number: number) => `0198c5d2-7f3a-7c1e-9d2b-00000000000${number}`;

beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
  path = `${server.url}/v1/libraries/${libraryId}/documents`;
  const shelf = [
    { id: idOf(1), title: "Robots", author: "Ada", year: 2021, parts: 2 },
    { id: idOf(2), title: "Rivers", author: "Ben", year: 2015, parts: 1 },
    { id: idOf(3), title: "Rockets", author: "Ada", year: 9007199254740993n, parts: 1 },
    { id: idOf(4), title: "Roses", author: "Ada", parts: 1 },
  ];
  const client = new ArrwClient({ url: server.url });
  for (const { parts, ...fields } of shelf) {
    const chunks = Array.from({ length: parts }, () => ({ text: "x", embedding: [1, 0, 0, 0] }));
    await client.library(libraryId).add({ ...fields, chunks });
  }
  client.close();
});
afterAll(() => server.stop());

async function listed(response: Response) {
  const { documents, ...rest } = documentList.parse(await response.json());
  return { titles: documents.map(({ title }) => title), ...rest };
}
const list = async (query: Readonly<Record<string, string>> = {}) =>
  listed(await fetch(`${path}?${new URLSearchParams(query).toString()}`));

describe("Documents by filter", () => {
  it("are listed and sorted in pages, in a query string or a body", async () => {
    const ada = JSON.stringify({ author: "Ada" });
    expect(await list()).toEqual({
      titles: ["Robots", "Rivers", "Rockets", "Roses"],
      next_cursor: null,
      seq: 5,
    });
    expect(await list({ metadata_filter: ada })).toMatchObject({ titles: ["Robots", "Rockets", "Roses"] });
    expect(await list({ sort: "year" })).toMatchObject({ titles: ["Rivers", "Robots", "Rockets", "Roses"] });
    const first = await list({ metadata_filter: ada, sort: "-year", limit: "1" });
    expect(first.titles).toEqual(["Rockets"]);
    const cursor = first.next_cursor ?? "";
    expect(await list({ metadata_filter: ada, sort: "-year", cursor })).toMatchObject({
      titles: ["Robots", "Roses"],
      next_cursor: null,
    });
    const body = { metadata_filter: { author: "Ada" }, sort: "-year", cursor, limit: 1 };
    expect(await listed(await post(`${path}/query`, body))).toMatchObject({ titles: ["Robots"] });
  });

  it("are fetched by their ids, in the order asked for", async () => {
    const asked = [idOf(3), idOf(9), idOf(1), idOf(3)];
    const expected = { titles: ["Rockets", "Robots", "Rockets"], missing: [idOf(9)], next_cursor: null, seq: 5 };
    expect(await listed(await post(`${path}/query`, { ids: asked }))).toEqual(expected);
    const query = new URLSearchParams(asked.map((id): [string, string] => ["id", id]));
    expect(await listed(await fetch(`${path}?${query.toString()}`))).toEqual(expected);
    expect(await list({ id: idOf(2) })).toMatchObject({ titles: ["Rivers"], missing: [] });
  });

  it("are counted", async () => {
    const count = async (body: unknown) => documentCount.parse(await (await post(`${path}/count`, body)).json());
    expect(await count({ metadata_filter: { author: "Ada" } })).toEqual({ documents: 3, chunks: 4, seq: 5 });
    expect(await count({})).toEqual({ documents: 4, chunks: 5, seq: 5 });
    expect(await count({ metadata_filter: null })).toEqual({ documents: 4, chunks: 5, seq: 5 });
    expect(await count({ metadata_filter: { author: "nobody" } })).toEqual({ documents: 0, chunks: 0, seq: 5 });
  });

  it("are listed and counted over the WebSocket and by the client", async () => {
    const socket = await TestSocket.open(path.replace("http", "ws").replace("/documents", "/ws"));
    expect(await socket.request("count", { metadata_filter: { author: "Ada" } })).toMatchObject({
      data: { documents: 3, seq: 5 },
    });
    expect(await socket.request("list", { sort: "-title", limit: 2 })).toMatchObject({
      data: { documents: [{ title: "Roses" }, { title: "Rockets" }] },
    });
    await socket.close();

    const client = new ArrwClient({ url: server.url });
    const library = client.library(libraryId);
    const titles: string[] = [];
    for await (const { title } of library.documents({ metadata_filter: { author: "Ada" }, sort: "title" }))
      titles.push(title);
    expect(titles).toEqual(["Robots", "Rockets", "Roses"]);
    expect(await library.count({ author: "Ada" })).toEqual({ documents: 3, chunks: 4, seq: 5 });
    expect(await library.count()).toMatchObject({ documents: 4 });
    expect(await library.documentPage({ ids: [idOf(9), idOf(2)] })).toMatchObject({
      documents: [{ title: "Rivers" }],
      missing: [idOf(9)],
    });
    client.close();
  });

  it("are deleted by filter, with their progress if it is wanted", async () => {
    const { id } = await createVectorLibrary(server.url);
    const address = `${server.url}/v1/libraries/${id}/documents`;
    const client = new ArrwClient({ url: server.url });
    const library = client.library(id);
    const fill = async () => {
      const made = Array.from({ length: 300 }, (_each, index) => ({
        title: `D${index}`,
        index,
        chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
      }));
      for await (const result of library.ingest(made, { inFlight: 1 })) expect(result.success).toBe(true);
    };
    await fill();
    const json = await post(`${address}/delete`, { metadata_filter: { index: { $lt: 100 } } });
    expect(documentsDeleted.parse(await json.json())).toEqual({ deleted: 100, seq: 401 });
    const streamed = await post(
      `${address}/delete`,
      { metadata_filter: { index: { $lt: 200 } } },
      { accept: "application/x-ndjson" },
    );
    const lines = (await streamed.text()).trimEnd().split("\n");
    expect(lines.map((line) => deletionLine.parse(JSON.parse(line))).at(-1)).toEqual({
      summary: { deleted: 100, seq: 501 },
    });
    const lost = [{ index: NaN }, { index: { $gte: Infinity } }, { index: undefined, title: "D1" }];
    for (const filter of lost)
      await expect(library.deleteMatching(filter)).rejects.toMatchObject({
        code: "validation_failed",
        field: expect.stringMatching(/^metadata_filter\.index/),
      });
    const progress: number[] = [];
    const deleted = await library.deleteMatching(
      { index: { $lt: 290 } },
      { onProgress: (line) => progress.push(line.deleted) },
    );
    expect(deleted).toEqual({ deleted: 90, seq: 591 });
    expect(progress.at(-1)).toBe(90);
    const socket = await TestSocket.open(address.replace("http", "ws").replace("/documents", "/ws"));
    expect(await socket.request("delete", { metadata_filter: { index: { $gte: 295 } } })).toMatchObject({
      data: { deleted: 5, seq: 596 },
    });
    for (const everything of [{}, { $and: [{}] }, { $or: [{ index: 299 }, {}] }]) {
      expect(await socket.request("delete", { metadata_filter: everything })).toMatchObject({
        success: false,
        error_code: "confirmation_required",
      });
    }
    expect(await socket.request("delete", { metadata_filter: {}, document_id: "x" })).toMatchObject({
      error_code: "validation_failed",
      field: "metadata_filter",
    });
    expect(await socket.request("delete", {})).toMatchObject({ error_code: "validation_failed", field: "document_id" });
    await socket.close();
    await expect(library.deleteMatching({})).rejects.toMatchObject({ code: "confirmation_required", status: 400 });
    expect(await library.deleteMatching({}, { confirm: "all" })).toEqual({ deleted: 5, seq: 601 });
    expect(await library.info()).toMatchObject({ num_documents: 0, num_chunks: 0 });
    client.close();
  });

  it("refuse what cannot be meant, and say what to do", async () => {
    const refusal = async (response: Response | Promise<Response>) => {
      const { code, field, detail } = problem.parse(await (await response).json());
      return [code, field, detail];
    };
    const query = (body: unknown) => refusal(post(`${path}/query`, body));
    const cursor = (await list({ sort: "year", limit: "1" })).next_cursor ?? "";
    expect(await query({ cursor, sort: "-year" })).toEqual([
      "invalid_cursor",
      "cursor",
      expect.stringContaining("another metadata_filter or sort"),
    ]);
    const other = (await createVectorLibrary(server.url)).id;
    expect(
      await refusal(post(`${server.url}/v1/libraries/${other}/documents/query`, { cursor, sort: "year" })),
    ).toEqual(["invalid_cursor", "cursor", expect.stringContaining("another library")]);
    expect(await query({ ids: [idOf(1)], sort: "year" })).toEqual([
      "validation_failed",
      "sort",
      expect.stringContaining("cannot be combined with ids"),
    ]);
    expect(await query({ ids: [] })).toEqual(["validation_failed", "ids", expect.any(String)]);
    expect(await query({ sort: "-" })).toEqual(["validation_failed", "sort", expect.any(String)]);
    expect(await query({ metadata_filter: { year: { $bad: 1 } } })).toEqual([
      "validation_failed",
      expect.any(String),
      expect.any(String),
    ]);
    expect(await refusal(fetch(`${path}?metadata_filter=x`))).toEqual([
      "validation_failed",
      "metadata_filter",
      expect.any(String),
    ]);
    expect(await refusal(post(`${path}/count`, { filter: {} }))).toEqual([
      "validation_failed",
      expect.any(String),
      expect.any(String),
    ]);
  });
});
