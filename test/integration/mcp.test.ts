import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { endingProcess } from "../support/server/endings.ts";
import { eventually } from "../support/waiting.ts";

const program = fileURLToPath(new URL("../../server/src/cli/arrwdb.ts", import.meta.url));
const unknown = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

let server: TestServer;
let arrwdb: ArrwClient;

beforeAll(async () => {
  server = await startServer();
  arrwdb = new ArrwClient({ url: server.url });
});
afterAll(async () => {
  arrwdb.close();
  await server.stop();
});

const overHttp = (mode: "auto" | "legacy") => async () => {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
  return client;
};
const overStdio = (mode: "auto" | "legacy") => async () => {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  const args = [program, "mcp", "--url", server.url];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "inherit" }));
  return client;
};

const ways = [
  { way: "HTTP, present revision", open: overHttp("auto") },
  { way: "HTTP, earlier revision", open: overHttp("legacy") },
  { way: "stdio, present revision", open: overStdio("auto") },
  { way: "stdio, earlier revision", open: overStdio("legacy") },
];

describe.each(ways)("The Model Context Protocol over $way", ({ open }) => {
  let client: Client;
  let library: LibraryHandle;

  beforeAll(async () => {
    client = await open();
  });
  afterAll(() => client.close());
  beforeEach(async () => {
    library = arrwdb.library((await arrwdb.libraries.create({ name: `Kitchen ${performance.now()}` })).id);
    await library.add({ title: "Pie", text: "Apples, sugar and cinnamon in a crust.", author: "Ada", year: 1990 });
    await library.add({ title: "Soup", text: "Leeks and potatoes, boiled.", author: "Ben", year: 2020 });
  });

  const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args });
  const textOf = ({ content }: Awaited<ReturnType<typeof call>>) =>
    content.map((part) => (part.type === "text" ? part.text : "")).join("\n");

  it("offers its tools with schemas", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(["add", "get", "list", "patch", "search", "watch"]);
    for (const tool of tools) {
      expect(tool).toMatchObject({ description: expect.any(String), inputSchema: { type: "object" } });
      expect(tool.outputSchema).toMatchObject({ type: "object" });
    }
    expect(tools.find(({ name }) => name === "search")?.inputSchema).toMatchObject({
      required: ["library"],
      properties: { k: { minimum: 1, maximum: 50, default: 5 }, filter: { type: "object" } },
    });
  });

  it("searches, by meaning and with a filter", async () => {
    const found = await call("search", { library: library.id, query: "something sweet to bake", k: 1 });
    expect(found.isError).toBeUndefined();
    expect(found.structuredContent).toMatchObject({
      library_id: library.id,
      position: 3,
      hits: [{ rank: 1, title: "Pie", author: "Ada", metadata: { year: 1990 }, text_truncated: false }],
    });
    expect(textOf(found)).toMatch(/^1\. Pie \(document [0-9a-f-]{36}, distance .*\nApples, sugar[^]*Position: 3$/);
    const later = await call("search", { library: library.id, query: "sweet", filter: { year: { $gt: 2000 } } });
    expect(later.structuredContent).toMatchObject({ hits: [{ title: "Soup" }] });
  });

  it("adds what the next search finds, and gives it back", async () => {
    const added = await call("add", {
      library: library.id,
      title: "Bread",
      texts: ["Flour, water, salt.", "Bake it hot."],
      tags: ["basic"],
      metadata: { minutes: 50 },
    });
    expect(added.structuredContent).toMatchObject({ title: "Bread", num_chunks: 2, position: 4 });
    const { document_id }: { document_id?: string } = Object(added.structuredContent);
    const found = await call("search", { library: library.id, query: "flour", filter: { minutes: 50 }, k: 1 });
    expect(found.structuredContent).toMatchObject({ hits: [{ document_id }] });
    const got = await call("get", { library: library.id, document_id });
    expect(got.structuredContent).toMatchObject({
      title: "Bread",
      tags: ["basic"],
      text: "Flour, water, salt.\n\nBake it hot.",
      next_offset: null,
    });
    expect(textOf(got)).toContain("Bake it hot.");
    const read = await client.readResource({ uri: `arrwdb://libraries/${library.id}/documents/${document_id}` });
    expect(read.contents).toMatchObject([{ text: "Flour, water, salt.\n\nBake it hot." }]);
  });

  it("gives a long document in pieces that join to the whole", async () => {
    const whole = "The 😀 sea. ".repeat(100).trim();
    const { document } = await library.add({ title: "Long", text: whole });
    let [joined, offset]: [string, number | null] = ["", 0];
    while (offset !== null) {
      const piece = await call("get", { library: library.id, document_id: document.id, offset, max_characters: 101 });
      const { text, next_offset }: { text: string; next_offset: number | null } = Object(piece.structuredContent);
      expect(text.length).toBeLessThanOrEqual(101);
      expect(text.isWellFormed()).toBe(true);
      [joined, offset] = [joined + text, next_offset];
    }
    expect(joined).toBe(whole);
  });

  it("lists libraries and documents, page by page, and finds a library by its name", async () => {
    const { name } = await library.info();
    const documents = await call("list", { library: name, limit: 1 });
    expect(documents.structuredContent).toMatchObject({ documents: [{ title: "Pie", author: "Ada" }] });
    const { next_cursor }: { next_cursor?: string } = Object(documents.structuredContent);
    const second = await call("list", { library: name, limit: 1, cursor: next_cursor });
    expect(second.structuredContent).toMatchObject({ documents: [{ title: "Soup" }] });
    const soup = await call("list", { library: name, filter: { title: "Soup" }, sort: "-title" });
    expect(soup.structuredContent).toMatchObject({ documents: [{ title: "Soup" }], next_cursor: null });
    const none = await call("list", { library: name, filter: { title: "Salad" } });
    expect(none.structuredContent).toMatchObject({ documents: [] });
    const libraries = await call("list", { limit: 200 });
    expect(libraries.structuredContent).toMatchObject({
      libraries: expect.arrayContaining([expect.objectContaining({ id: library.id, name, num_documents: 2 })]),
    });
  });

  it("tells what has changed since a position, and waits for what changes next", async () => {
    const since = await call("watch", { library: library.id, after: 2, wait_seconds: 0 });
    expect(since.structuredContent).toMatchObject({
      changed: true,
      position: 3,
      events: [{ position: 3, type: "document.added", about: "Soup" }],
    });
    const waiting = call("watch", { library: library.id, after: 3, wait_seconds: 50, events: ["document.deleted"] });
    const { document } = await library.add({ title: "Tea", text: "Leaves in hot water." });
    await library.delete(document.id);
    const told = await waiting;
    expect(told.structuredContent).toMatchObject({
      position: 5,
      events: [{ position: 5, type: "document.deleted", document_id: document.id }],
    });
    expect(textOf(told)).toContain("document.deleted Tea");
  });

  it("ends a wait that is cancelled, and no other", async () => {
    const gone = new AbortController();
    const { subscribers } = await arrwdb.eventStatistics();
    const watching = async () => (await arrwdb.eventStatistics()).subscribers.live_queries - subscribers.live_queries;
    const watch = { name: "watch", arguments: { library: library.id, query: "soup", wait_seconds: 50 } };
    const cancelled = client.callTool(watch, { signal: gone.signal }).catch(String);
    const other = client.callTool(watch);
    await eventually(async () => expect(await watching()).toBe(2));
    gone.abort();
    expect(await cancelled).toMatch(/abort/i);
    await eventually(async () => expect(await watching()).toBe(1));
    await library.add({ title: "Stew", text: "A soup of beans." });
    expect((await other).structuredContent).toMatchObject({ changed: true });
  });

  it("ends a wait with a position to go on from, where nothing happens", async () => {
    const nothing = await call("watch", { library: library.id, wait_seconds: 0.01 });
    expect(nothing.structuredContent).toEqual({
      library_id: library.id,
      changed: false,
      position: 3,
      events: [],
      has_more: false,
    });
    const search = await call("watch", { library: library.id, query: "tea", after: 3, wait_seconds: 0.01 });
    expect(search.structuredContent).toMatchObject({ changed: false, position: 3, entered: [], left: [] });
  });

  it("watches the results of a search, and tells what entered between two calls", async () => {
    const query = { library: library.id, query: "a hot drink", max_distance: 0.7, k: 3 };
    await library.add({ title: "Screws", text: "Metal screws and bolts for wood." });
    const { document } = await library.add({ title: "Cocoa", text: "A hot drink of milk and chocolate." });
    const between = await call("watch", { ...query, after: 3, wait_seconds: 0 });
    expect(between.structuredContent).toMatchObject({ changed: true, position: 5, entered: [{ title: "Cocoa" }] });
    const waiting = call("watch", { ...query, after: 5, wait_seconds: 50 });
    await eventually(async () => expect((await arrwdb.eventStatistics()).subscribers.live_queries).toBe(1));
    await library.delete(document.id);
    const told = await waiting;
    expect(told.structuredContent).toMatchObject({ changed: true, left: [{ document_id: document.id }] });
    expect(textOf(told)).toContain(`No longer among the results: document ${document.id}`);
  });

  it.each([
    ["search", { library: unknown, query: "x" }, /library_not_found[^]*Call the tool `list`/],
    ["search", { library: "no such name", query: "x" }, /no library named "no such name"/],
    ["search", { library: unknown, query: "x", k: 51 }, /k[^]*at most 50/],
    ["search", { library: unknown, query: "x", filter: { a: { $near: 1 } } }, /\$near/],
    ["search", { library: unknown, query: "x", limit: 3 }, /limit/],
    ["search", { library: unknown }, /query/],
    ["add", { library: unknown, title: "x", texts: [] }, /at least one text/],
    ["watch", { library: unknown, wait_seconds: 51 }, /at most 50/],
    ["list", { library: unknown, cursor: "x" }, /library_not_found|invalid_cursor/],
  ])("answers a bad call of %s as an error of the tool: %j", async (name, args, message) => {
    const answer = await call(name, args);
    expect(answer.isError).toBe(true);
    expect(textOf(answer)).toMatch(message);
  });

  it("finds a document again by an id of any text", async () => {
    for (const id of ["https://a.b/c?d=e,f#g", 'a "b"\n%2F', "\u6587"]) {
      const added = await call("add", { library: library.id, id, title: "Tea", texts: ["Leaves in hot water."] });
      expect(added.structuredContent).toMatchObject({ document_id: id });
      const got = await call("get", { library: library.id, document_id: id });
      expect(got.structuredContent).toMatchObject({ document_id: id, text: "Leaves in hot water." });
      const uri = `arrwdb://libraries/${library.id}/documents/${encodeURIComponent(id)}`;
      expect(await client.readResource({ uri })).toMatchObject({ contents: [{ text: "Leaves in hot water." }] });
    }
  });

  it("tells what to do about a document or a position that is not there", async () => {
    const missing = await call("get", { library: library.id, document_id: unknown });
    expect(textOf(missing)).toMatch(/document_not_found[^]*`search`/);
    const wrong = await call("get", { library: library.id, document_id: "" });
    expect(wrong.isError).toBe(true);
    expect(textOf(wrong)).toMatch(/^document_id: must not be empty/);
    const ahead = await call("watch", { library: library.id, after: 99, wait_seconds: 1 });
    expect(textOf(ahead)).toMatch(/position_ahead[^]*Use a `position`/);
    await expect(client.readResource({ uri: `arrwdb://libraries/${library.id}/documents/${unknown}` })).rejects.toThrow(
      "document_not_found",
    );
  });

  it("keeps answers small, whatever stands in the library", async () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field_${index}`, "x".repeat(500)]));
    for (let number = 0; number < 20; number++) {
      await library.add({ title: `Sea ${number} `.repeat(100), text: "The sea is wide. ".repeat(1_000), metadata });
    }
    const found = await call("search", { library: library.id, query: "the sea", k: 50 });
    expect(JSON.stringify(found).length).toBeLessThan(200_000);
    expect(found.structuredContent).toMatchObject({ hits: expect.arrayContaining([]) });
    const { hits }: { hits?: { text_truncated: boolean }[] } = Object(found.structuredContent);
    expect(hits?.[0]).toMatchObject({ text_truncated: true });
    expect(hits?.[0]).not.toHaveProperty("metadata");
  });
});

describe("The command", () => {
  it("tells that the server does not answer, and works when it does", async () => {
    const first = await startServer();
    const { port } = new URL(first.url);
    const { directory } = first;
    const client = new Client({ name: "test", version: "1.0.0" });
    const args = [program, "mcp", "--url", first.url];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "inherit" }));
    await first.stop();
    const refused = await client.callTool({ name: "list", arguments: {} });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/network[^]*--url/) }] });
    const second = await startServer({ PORT: port, ARRWDB_DATA_DIR: directory });
    expect(await client.callTool({ name: "list", arguments: {} })).toMatchObject({
      structuredContent: { libraries: [] },
    });
    await client.close();
    await second.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("says nothing but the protocol, ends with its input, and tells what is wrong with its arguments", async () => {
    const wrong = spawnSync(process.execPath, [program, "mcp", "--url", "nowhere"], { encoding: "utf8" });
    expect(wrong).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("url:") });
    const input = `not json\n${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}\n`;
    const child = endingProcess(
      spawn(process.execPath, [program, "mcp", "--url", server.url], { stdio: ["pipe", "pipe", "ignore"] }),
    );
    child.stdin.write(input);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await lines.next();
    expect(JSON.parse(String(first.value))).toMatchObject({ jsonrpc: "2.0" });
    const exited = once(child, "exit");
    child.stdin.end();
    for await (const line of { [Symbol.asyncIterator]: () => lines }) expect(JSON.parse(line)).toBeTruthy();
    expect(await exited).toEqual([0, null]);
  });
});
