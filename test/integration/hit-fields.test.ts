import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { searchLine, searchResponse } from "@arrwdb/protocol/search/search";
import { searchUpdated } from "@arrwdb/protocol/websocket/live";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { TestSocket } from "../support/peers/test-socket.ts";
import { runCommand } from "../support/server/command.ts";
import { post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;
let address: string;

const documents = [
  { id: "a", title: "Rinse it", year: 2021, chunks: [{ text: "Blocked <filters> are rinsed.", embedding: [1, 0] }] },
  { id: "b", title: "Pump", author: "Ada", chunks: [{ text: "The pump.", embedding: [0, 1], metadata: { part: 7 } }] },
];

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  const { id } = await client.libraries.create({ name: "Fields", embedding_model: "none", dimension: 2 });
  library = client.library(id);
  address = `${server.url}/v1/libraries/${id}/search`;
  for (const document of documents) await library.add(document);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const identity = { rank: 1, chunk_id: expect.any(String), document_id: "a", distance: 0 };
const titleAlone = { ...identity, document: { title: "Rinse it" } };
const marked = { text: ["Blocked &lt;<b>filters</b>&gt; are <b>rinsed</b>."], title: ["<b>Rinse</b> it"] };
const highlight = { query: "rinsing a filter", before: "<b>", after: "</b>", escape: "html" } as const;
const asked = { embedding: [1, 0], k: 1, include: ["document.title"], highlight } as const;

describe("include and highlight", () => {
  it("shape hits over HTTP, and its lines, groups and batches", async () => {
    const response: unknown = await (await post(address, asked)).json();
    expect(searchResponse.parse(response)).toEqual(response);
    expect(response).toMatchObject({ results: [{ ...titleAlone, highlights: marked }] });
    expect(await (await post(address, { ...asked, include: [], highlight: false })).json()).toMatchObject({
      results: [expect.toSatisfy((hit: object) => Object.keys(hit).length === Object.keys(identity).length)],
    });
    const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
    const lines = await fetch(address, { method: "POST", headers, body: JSON.stringify(asked) });
    const [line = ""] = (await lines.text()).split("\n");
    expect(searchLine.parse(JSON.parse(line))).toEqual({ ...titleAlone, highlights: marked });
    const grouped = await library.search({ ...asked, group_by: { field: "document_id", hits: 1 } });
    expect(grouped.groups).toEqual([{ value: "a", results: [{ ...titleAlone, highlights: marked }] }]);
    const { answers } = await library.searchBatch([asked, { query: "pump", mode: "text", include: ["metadata.part"] }]);
    expect(answers).toMatchObject([{ results: [titleAlone] }, { results: [{ metadata: { part: 7 } }] }]);
  });

  it("are typed in the client by the names that are included", async () => {
    const { results } = await library.search({
      embedding: [0, 1],
      k: 1,
      include: ["text", "metadata.part", "embedding"],
    });
    const shown: { text: string; part: unknown; embedding: string }[] = results.map(
      ({ text, metadata, embedding }) => ({
        text,
        part: metadata["part"],
        embedding,
      }),
    );
    const embedding = Buffer.from(new Float32Array([0, 1]).buffer).toString("base64");
    expect(shown).toEqual([{ text: "The pump.", part: 7, embedding }]);
    // @ts-expect-error -- it is not included
    expect(results[0]?.document).toBeUndefined();
    const words = await library.search({ query: "pump", mode: "text", include: ["document.author"], highlight: true });
    expect(
      words.results.map(({ score = 0, document, highlights }) => [score > 0, document.author, highlights]),
    ).toEqual([[true, "Ada", { text: ["The <mark>pump</mark>."], title: ["<mark>Pump</mark>"] }]]);
  });

  it("shape hits over the WebSocket, but in a room only highlights do", async () => {
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    const { data } = await socket.request("search", asked);
    const [hit] = actions.search.response.parse(data).results;
    expect(hit).toEqual({ ...titleAlone, id: hit?.chunk_id, highlights: marked });
    const refused = await socket.request("search", { ...asked, session_id: "room" });
    expect(refused).toMatchObject({ success: false, field: "include", error: expect.stringContaining("session_id") });
    const shared = await socket.request("search", { ...asked, include: undefined, session_id: "room" });
    expect(shared.data).toMatchObject({ results: [{ text: documents[0]?.chunks[0]?.text, highlights: marked }] });
    expect(await socket.wait(({ type }) => type === "session.search")).toMatchObject({
      data: { results: [{ highlights: marked }] },
    });
    await socket.close();
  });

  it("leave out what a model does not ask for", async () => {
    const model = new Client({ name: "test", version: "1.0.0" });
    await model.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
    const query = { library: library.id, query: "pump", mode: "text", include: ["title", "author"] };
    const { structuredContent, content } = await model.callTool({ name: "search", arguments: query });
    expect(structuredContent).toMatchObject({ hits: [{ document_id: "b", title: "Pump", author: "Ada" }] });
    expect(JSON.stringify(content)).not.toContain("The pump");
    await model.close();
  });

  it("shape what the command line prints", async () => {
    const run = async (...options: string[]) => {
      const { code, output } = await runCommand([
        "search",
        library.id,
        "pumps",
        "--mode",
        "text",
        ...options,
        "--url",
        server.url,
      ]);
      expect(code).toBe(0);
      return output;
    };
    const json = JSON.parse(await run("--include", "text,metadata.part", "--highlight", "--json"));
    expect(json.results).toMatchObject([
      { text: "The pump.", metadata: { part: 7 }, highlights: { title: ["<mark>Pump</mark>"] } },
    ]);
    expect(json.results[0]).not.toHaveProperty("document");
    const lines = await run("--include", "document.title,document.author", "--highlight");
    expect(lines).toMatch(/ {2}Pump {2}b\n {5}The pump\.\n {5}\{"author":"Ada"\}/);
  });
});

describe("A live query", () => {
  const open = () => TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);

  it("has the fields that it includes, and tells of changes of these alone", async () => {
    const socket = await open();
    const query = { embedding: [1, 0], k: 1, include: ["document.title"] };
    const { data } = await socket.request("subscribe", { query });
    const begun = actions.subscribe.response.parse(data);
    const [hit] = "results" in begun ? begun.results : [];
    expect(hit).toEqual({ ...titleAlone, id: hit?.chunk_id });
    await library.patch("a", { author: "unseen" });
    const { document } = await library.patch("a", { title: "Rinse it well" });
    const update = searchUpdated.parse(await socket.wait(({ type }) => type === "search.updated"));
    expect(update).toMatchObject({ seq: document.seq, changed: [{ document_id: "a" }], entered: [] });
    expect(update.results).toEqual([{ ...titleAlone, id: hit?.chunk_id, document: { title: "Rinse it well" } }]);
    await library.patch("a", { title: "Rinse it" });
    await socket.close();
  });

  it("marks words, and tells of marks that changed", async () => {
    const live = library.live({ embedding: [1, 0], k: 1, include: ["embedding"], highlight });
    const first = await live.next();
    const vector = Buffer.from(new Float32Array([1, 0]).buffer).toString("base64");
    expect(first.value?.results.map(({ embedding, highlights }) => [embedding, highlights])).toEqual([
      [vector, marked],
    ]);
    await library.patch("a", { title: "Rinsing" });
    const { value } = await live.next();
    expect(value).toMatchObject({ entered: [], left: [], moved: [], changed: [{ document_id: "a", rank: 1 }] });
    expect(value?.results[0]?.highlights?.title).toEqual(["<b>Rinsing</b>"]);
    await live.return();
    await library.patch("a", { title: "Rinse it" });
  });
});

describe("What cannot be shown is refused", () => {
  const long = "x".repeat(101);
  it.each([
    [
      { include: ["title"] },
      'include[0]: "title" is not a field of a hit; did you mean document.title? (text, metadata',
    ],
    [{ include: ["text", "documents"] }, 'include[1]: "documents" is not a field of a hit (text, metadata,'],
    [{ include: ["metadata."] }, 'include[0]: "metadata." is not a field'],
    [{ include: ["rank"] }, 'include[0]: is "rank", which every hit has; leave it out'],
    [{ include: "text" }, 'include: must be an array of fields, such as ["text", "document.title"]'],
    [{ include: [7] }, "include[0]: must be a string, the name of a field"],
    [{ include: Array.from({ length: 33 }, () => "text") }, "include: has more than 32 fields"],
    [
      { highlight: true },
      "highlight: this search has no words; give them as highlight.query, or search by a query text",
    ],
    [{ highlight: "yes" }, "highlight: must be true, or an object"],
    [{ highlight: { ...highlight, before: long } }, "highlight.before: is too long; at most 100 characters"],
    [{ highlight: { ...highlight, fields: ["body"] } }, 'highlight.fields[0]: must be "text" or "title"'],
    [{ highlight: { ...highlight, fields: [] } }, "highlight.fields: must name at least one field"],
    [{ highlight: { ...highlight, fragments: 21 } }, "highlight.fragments: must be at most 20"],
    [{ highlight: { ...highlight, fragment_characters: 19 } }, "highlight.fragment_characters: must be at least 20"],
    [{ highlight: { ...highlight, escape: "xml" } }, 'highlight.escape: must be "none" or "html"'],
  ])("%j", async (wrong, message) => {
    const response = await post(address, { embedding: [1, 0], ...wrong });
    const { detail } = z.object({ detail: z.string() }).parse(await response.json());
    expect([response.status, detail]).toEqual([422, expect.stringContaining(message)]);
  });
});
