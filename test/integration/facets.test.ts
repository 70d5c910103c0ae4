import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { searchLine, searchResponse } from "@arrwdb/protocol/search/search";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestSocket } from "../support/peers/test-socket.ts";
import { runCommand } from "../support/server/command.ts";
import { post, startServer, type TestServer } from "../support/server/test-server.ts";

const large = 733739433195933697n;

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  const { id } = await client.libraries.create({ name: "Facets", embedding_model: "none", dimension: 2 });
  library = client.library(id);
  for (const [author, tags] of [
    ["Ada", ["a", "b"]],
    ["Ada", ["a"]],
    ["Bob", []],
    [undefined, []],
  ] as const)
    await library.add({
      title: "tea",
      author,
      tags: Array.from(tags),
      tenant: large,
      chunks: [{ text: "tea", embedding: [1, 0] }],
    });
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const author = {
  values: [
    { value: "Ada", count: 2 },
    { value: "Bob", count: 1 },
  ],
  missing: 1,
  others: 0,
};
const tags = { values: [{ value: "a", count: 2 }], missing: 2, others: 1 };
const facets = ["author", { field: "tags", limit: 1 }];

describe("Facets", () => {
  it("are in the response over HTTP, and in the summary line of NDJSON", async () => {
    const url = `${server.url}/v1/libraries/${library.id}/search`;
    const asked = { embedding: [1, 0], k: 1, facets };
    const response = searchResponse.parse(await (await post(url, asked)).json());
    expect(response).toMatchObject({ total: 1, seq: 5, facets: { author, tags } });
    const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
    const lines = await fetch(url, { method: "POST", headers, body: JSON.stringify(asked) });
    const [hit, summary] = (await lines.text())
      .trim()
      .split("\n")
      .map((line) => searchLine.parse(JSON.parse(line)));
    expect(hit).toMatchObject({ rank: 1 });
    expect(summary).toMatchObject({ summary: { facets: { author, tags } } });
    expect(await (await post(url, { embedding: [1, 0] })).json()).not.toHaveProperty("facets");
  });

  it("are in the client's answers, with whole numbers exact", async () => {
    const { facets: found } = await library.search({ embedding: [1, 0], facets: ["tenant", "author"] });
    expect(found).toEqual({ tenant: { values: [{ value: large, count: 4 }], missing: 0, others: 0 }, author });
    const words = await library.search({
      query: "tea",
      mode: "text",
      metadata_filter: { author: "Ada" },
      facets: ["tags"],
    });
    expect(words.facets).toEqual({
      tags: {
        values: [
          { value: "a", count: 2 },
          { value: "b", count: 1 },
        ],
        missing: 0,
        others: 0,
      },
    });
  });

  it("are in answers of the WebSocket", async () => {
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    const { data } = await socket.request("search", { embedding: [1, 0], k: 1, facets });
    expect(actions.search.response.parse(data)).toMatchObject({ facets: { author, tags } });
    await socket.close();
  });

  it("are in the results of the tool for language models", async () => {
    const model = new Client({ name: "test", version: "1.0.0" });
    await model.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
    const asked = { library: library.id, query: "tea", mode: "text", facets: ["author"] };
    const { structuredContent, content } = await model.callTool({ name: "search", arguments: asked });
    expect(structuredContent).toMatchObject({ facets: { author } });
    expect(JSON.stringify(content)).toContain("author: Ada (2), Bob (1), no value (1)");
    await model.close();
  });

  it("are printed by the command line", async () => {
    const asked = ["search", library.id, "tea", "--mode", "text", "--facet", "author", "--facet", "tags"];
    const { code, output } = await runCommand([...asked, "--url", server.url]);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining("      2  Ada\n      1  Bob\n"),
    });
    expect(output).toContain("1 chunk without");
  });

  it.each([
    [Array.from({ length: 11 }, (_field, index) => `f${index}`), "facets: has more than 10 fields"],
    [[7], "facets[0]: must be a field's name"],
    [["author", { field: "author" }], "facets[1]: names author a second time; name each field once"],
    [[""], "facets[0]: must not be empty"],
    [[{ field: "author", limit: 1_001 }], "facets[0].limit: must be at most 1000"],
    ["author", "facets: must be an array of fields"],
  ])("refuses %j", async (wrong, message) => {
    const response = await post(`${server.url}/v1/libraries/${library.id}/search`, {
      embedding: [1, 0],
      facets: wrong,
    });
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(message)]);
  });
});

describe("Groups", () => {
  const group_by = { field: "author", hits: 1 };
  const expected = [
    { value: "Ada", results: [{ rank: 1 }] },
    { value: "Bob", results: [{ rank: 2 }] },
    { value: null, results: [{ rank: 3 }] },
  ];

  it("are in the response over HTTP, and in the summary line of NDJSON", async () => {
    const url = `${server.url}/v1/libraries/${library.id}/search`;
    const asked = { embedding: [1, 0], group_by };
    const response = searchResponse.parse(await (await post(url, asked)).json());
    expect(response).toMatchObject({ total: 3, groups: expected, results: [{ rank: 1 }, { rank: 2 }, { rank: 3 }] });
    const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
    const lines = (await (await fetch(url, { method: "POST", headers, body: JSON.stringify(asked) })).text()).trim();
    const summary = searchLine.parse(JSON.parse(lines.split("\n").at(-1) ?? ""));
    expect([lines.split("\n").length, summary]).toMatchObject([4, { summary: { groups: expected } }]);
  });

  it("are in the client's answers, with other fields of the search", async () => {
    const found = await library.search({
      query: "tea",
      mode: "text",
      k: 2,
      group_by: { field: "document_id" },
      metadata_filter: { author: "Ada" },
      facets: ["tags"],
    });
    expect(found.groups?.map(({ value, results }) => [value, results.length])).toEqual(
      found.results.map(({ document_id }) => [document_id, 1]),
    );
    expect(found.facets?.["tags"]?.missing).toBe(0);
  });

  it("are in answers of the WebSocket, whose hits are named id", async () => {
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    const response = actions.search.response.parse(
      (await socket.request("search", { embedding: [1, 0], group_by })).data,
    );
    expect(response.groups).toMatchObject(expected);
    const [first] = response.groups ?? [];
    expect(first?.results[0]?.id).toBe(response.results[0]?.id);
    await socket.close();
  });

  it("are in the results of the tool for language models", async () => {
    const model = new Client({ name: "test", version: "1.0.0" });
    await model.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
    const asked = { library: library.id, query: "tea", mode: "text", group_by: "author", group_hits: 1 };
    const { structuredContent } = await model.callTool({ name: "search", arguments: asked });
    expect(structuredContent).toMatchObject({
      groups: [
        { value: "Ada", ranks: [1] },
        { value: "Bob", ranks: [2] },
        { value: null, ranks: [3] },
      ],
    });
    await model.close();
  });

  it("are printed by the command line", async () => {
    const asked = ["search", library.id, "tea", "--mode", "text", "--group-by", "author", "--group-hits", "1"];
    const { code, output } = await runCommand([...asked, "--url", server.url]);
    expect({ code, lines: output.split("\n").filter((line) => !line.startsWith(" ")) }).toEqual({
      code: 0,
      lines: ["Ada", "Bob", "(no value)", ""],
    });
  });

  it.each([
    [{ field: "author", hits: 101 }, "group_by.hits: must be at most 100"],
    [{ field: "author", hits: 11 }, "group_by.hits: with k 100, must be at most 10"],
    [{ hits: 2 }, "group_by.field: is required"],
    [{ field: "author", size: 2 }, "size"],
  ])("refuses %j", async (wrong, message) => {
    const response = await post(`${server.url}/v1/libraries/${library.id}/search`, {
      embedding: [1, 0],
      k: 100,
      group_by: wrong,
    });
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(message)]);
  });
});
