import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/server/command.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

/** Lines end at these for `readline` of Node and for `splitlines` of Python; JSON lets them stand as they are. */
const ends = /[\u0085\u2028\u2029]/;
const text = "one\u0085two\u2028three\u2029four";
const document = { title: text, chunks: [{ text, embedding: [1, 0] }], [`name${text}`]: text };

let server: TestServer;
let library: string;

beforeAll(async () => {
  server = await startServer();
  library = (await createVectorLibrary(server.url, 2)).id;
  await post(`${server.url}/v1/libraries/${library}/documents`, document);
});
afterAll(() => server.stop());

/** The lines of an answer as `readline` tells them. */
async function linesOf(path: string, init: RequestInit = {}, isEnough = (_lines: readonly string[]) => false) {
  const response = await fetch(`${server.url}/v1/libraries/${library}${path}`, init);
  const lines: string[] = [];
  if (response.body === null) return lines;
  const input = Readable.fromWeb(response.body);
  for await (const line of createInterface({ input })) {
    lines.push(line);
    if (isEnough(lines)) break;
  }
  input.destroy();
  return lines;
}

const ndjson = { accept: "application/x-ndjson" };

describe("Text with the line ends of Unicode stands in one line", () => {
  it.each([
    ["of receipts", "/documents/stream", { "content-type": "application/x-ndjson" }, document, 2],
    ["of hits", "/search", { "content-type": "application/json" }, { embedding: [1, 0], k: 1 }, 2],
  ] as const)("%s", async (_name, path, type, body, count) => {
    const lines = await linesOf(path, { method: "POST", headers: { ...type, ...ndjson }, body: JSON.stringify(body) });
    expect(lines).toHaveLength(count);
    expect(lines.filter((line) => ends.test(line))).toEqual([]);
    expect(JSON.stringify(JSON.parse(lines[0] ?? ""))).toContain(JSON.stringify(text));
  });

  it("of an export, also that of the command", async () => {
    const { output } = await runCommand(["export", library], { url: server.url });
    for (const lines of [await linesOf("/export"), output.trimEnd().split("\n")]) {
      expect(lines.filter((line) => ends.test(line))).toEqual([]);
      expect(JSON.parse(lines[1] ?? "").document).toMatchObject({ title: text, metadata: { [`name${text}`]: text } });
    }
  });

  it("of an event", async () => {
    const isTold = (lines: readonly string[]) => lines.some((line) => line.includes("document.added"));
    const lines = await linesOf("/events?from_seq=0", { headers: { accept: "text/event-stream" } }, isTold);
    expect(JSON.parse(lines.at(-1)?.replace("data: ", "") ?? "").data.title).toBe(text);
  });

  it("of a tool's answer", async () => {
    const seen: string[] = [];
    const reading = async (...[address, init]: Parameters<typeof fetch>) => {
      const response = await fetch(address, init);
      seen.push(await response.clone().text());
      return response;
    };
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { fetch: reading }));
    const answer = await client.callTool({ name: "search", arguments: { library, query: "three", mode: "text" } });
    expect(JSON.stringify(answer.structuredContent)).toContain(JSON.stringify(text));
    expect(seen.filter((body) => ends.test(body))).toEqual([]);
    await client.close();
  });
});
