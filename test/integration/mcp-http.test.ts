import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

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

const tool = (name: string, args: unknown) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: args },
});
const send = (body: string, headers: Readonly<Record<string, string>> = {}, method = "POST") =>
  fetch(`${server.url}/mcp`, {
    method,
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    ...(method === "POST" ? { body } : {}),
  });

describe("The address /mcp", () => {
  it("answers the pages of this machine alone", async () => {
    const body = JSON.stringify(tool("list", {}));
    expect((await send(body, { origin: "https://attacker.example" })).status).toBe(403);
    expect((await send(body, { origin: "null" })).status).toBe(403);
    expect((await send(body, { origin: "http://localhost:3000" })).status).toBe(200);
    expect((await send(body)).status).toBe(200);
  });

  it.each([undefined, "*/*", "application/*, text/*;q=0.5", "*/*;q=0.1", "application/json, */*"])(
    "takes %s as accepting what it answers with",
    async (accept) => {
      const headers = { "content-type": "application/json", ...(accept === undefined ? {} : { accept }) };
      const { hostname, port } = new URL(server.url);
      // As fetch cannot leave the header out.
      const request = httpRequest({ hostname, port, path: "/mcp", method: "POST", headers });
      request.end(JSON.stringify(tool("list", {})));
      const [response] = await once(request, "response");
      let text = "";
      for await (const part of response) text += String(part);
      expect({ status: Number(response.statusCode), text }).toMatchObject({
        status: 200,
        text: expect.stringContaining("structuredContent"),
      });
    },
  );

  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const wrongParams: readonly (readonly [string, unknown])[] = [
    ["tools/call", {}],
    ["tools/call", { name: 3 }],
    ["tools/call", { name: "list", arguments: "x" }],
    ["tools/call", { name: "list", arguments: [] }],
    ["tools/call", { name: "no such tool", arguments: {} }],
    ["tools/list", { cursor: 3 }],
    ["resources/list", { cursor: {} }],
    ["resources/templates/list", { cursor: [] }],
    ["resources/read", {}],
    ["resources/read", { uri: 3 }],
    ["resources/read", { uri: "nonsense" }],
    ["initialize", {}],
    ["initialize", { protocolVersion: 3, capabilities: {}, clientInfo: { name: "x", version: "1" } }],
    ["tools/list", "x"],
    ["tools/call", []],
    ["tools/call", null],
    ["ping", 3],
  ];
  it.each(wrongParams)("answers wrong params of %s with -32602: %j", async (method, params) => {
    const answers = [await send(JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }))];
    if (typeof params === "object" && params !== null && !Array.isArray(params) && method !== "initialize") {
      const message = { jsonrpc: "2.0", id: 7, method, params: { ...params, _meta: meta } };
      const named = Object.entries(params).find(([key]) => key === "name" || key === "uri");
      answers.push(
        await send(JSON.stringify(message), {
          "mcp-protocol-version": "2026-07-28",
          "mcp-method": method,
          ...(named === undefined ? {} : { "mcp-name": String(named[1]) }),
        }),
      );
    }
    for (const answer of answers) {
      const text = await answer.text();
      const json: unknown = JSON.parse(text.slice(text.indexOf("{")));
      expect(json).toMatchObject({ id: 7, error: { code: -32602, message: expect.any(String) } });
    }
  });

  it("leaves calls of others alone, when a client cancels its own with the same id", async () => {
    const { id } = await arrwdb.libraries.create({ name: "Quiet" });
    const open = async () => {
      const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x", version: "1" } };
      const response = await send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }));
      const session = response.headers.get("mcp-session-id") ?? "";
      expect(session).not.toBe("");
      return { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
    };
    const [one, other] = [await open(), await open()];
    const body = JSON.stringify(tool("watch", { library: id, query: "tea", wait_seconds: 50 }));
    const watching = async () => (await arrwdb.eventStatistics()).subscribers.live_queries;
    const before = await watching();
    const first = send(body, one).then((response) => response.text());
    const second = send(body, other).then((response) => response.text());
    await eventually(async () => expect(await watching()).toBe(before + 2));
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    // One that cannot be told apart from either ends neither.
    expect((await send(JSON.stringify(cancel))).status).toBe(202);
    expect((await send(JSON.stringify(cancel), one)).status).toBe(202);
    await first;
    await eventually(async () => expect(await watching()).toBe(before + 1));
    await arrwdb.library(id).add({ title: "Tea", text: "Leaves in hot water." });
    expect(await second).toContain('"changed":true');
  });

  it("has no sessions to open or close", async () => {
    expect((await send("", {}, "GET")).status).toBe(405);
    expect((await send("", {}, "DELETE")).status).toBe(405);
  });

  it("refuses what is no request, and lives", async () => {
    const nested = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const bodies = [
      "",
      "{",
      "[]",
      "3",
      '{"jsonrpc": "2.0"}',
      "\u0000",
      "[".repeat(100_000),
      nested,
      `{"a": ${nested}}`,
    ];
    for (const body of bodies) expect([400, 422]).toContain((await send(body)).status);
    const deep = JSON.stringify(tool("list", {})).replace("{}", `{"library": ${nested}}`);
    expect(await (await send(deep)).text()).toContain("isError");
    expect((await send(JSON.stringify(tool("list", {})), { "content-type": "text/plain" })).status).toBe(415);
    expect((await send(JSON.stringify(Array(17).fill(tool("list", {}))))).status).toBe(422);
    expect((await send(`"${"x".repeat(17 * 1024 * 1024)}"`)).status).toBe(413);
    expect((await send(JSON.stringify(tool("list", {})))).status).toBe(200);
  });

  it("lets go of a wait when its client goes away, and when the server stops", async () => {
    const own = await startServer();
    const client = new ArrwClient({ url: own.url });
    const { id } = await client.libraries.create({ name: "Quiet" });
    const body = JSON.stringify(tool("watch", { library: id, wait_seconds: 50, query: "tea" }));
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const subscribers = async () => (await client.eventStatistics()).subscribers.live_queries;
    const gone = new AbortController();
    const left = fetch(`${own.url}/mcp`, { method: "POST", headers, body, signal: gone.signal });
    const settled = left.then((response) => response.text()).catch((error: unknown) => error);
    await eventually(async () => expect(await subscribers()).toBe(1));
    gone.abort();
    await settled;
    await eventually(async () => expect(await subscribers()).toBe(0));
    const waiting = fetch(`${own.url}/mcp`, { method: "POST", headers, body });
    await eventually(async () => expect(await subscribers()).toBe(1));
    client.close();
    await own.stop();
    expect(await (await waiting).text()).toContain("have not changed");
  });
});
