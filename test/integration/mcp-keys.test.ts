import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, bearer, createKey, revokeKey, startGuardedServer } from "../support/server/access.ts";
import { post, type TestServer } from "../support/server/test-server.ts";

/** The machine may be busy with other things. */
const patience = { timeout: 20_000 };

let server: TestServer;
let library: string;

beforeAll(async () => {
  server = await startGuardedServer();
  const made: { id: string } = await (
    await post(`${server.url}/v1/libraries`, { name: "Kitchen" }, bearer(adminKey))
  )
    .json()
    .then(Object);
  library = made.id;
});
afterAll(() => server.stop());

async function connect(key: string | undefined): Promise<Client> {
  const client = new Client({ name: "test", version: "1.0.0" });
  const requestInit = key === undefined ? {} : { headers: bearer(key) };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
  return client;
}

/** What became of each tool: "done", or the error as the model reads it. */
async function outcomes(client: Client): Promise<Readonly<Record<string, string>>> {
  const calls = {
    list: {},
    search: { library, query: "something sweet" },
    add: { library, title: "Pie", texts: ["Apples, sugar and cinnamon in a crust."] },
  };
  const told: [string, string][] = [];
  for (const [name, args] of Object.entries(calls)) {
    const { isError, content } = await client.callTool({ name, arguments: args });
    told.push([name, isError === true ? JSON.stringify(content) : "done"]);
  }
  return Object.fromEntries(told);
}

const documents = async () => {
  const response = await fetch(`${server.url}/v1/libraries/${library}`, { headers: bearer(adminKey) });
  const { num_documents }: { num_documents: number } = await response.json().then(Object);
  return num_documents;
};

describe("The tools over /mcp, with keys", () => {
  it("do with a key what it may do, and say what it may not", async () => {
    const reader = await connect((await createKey(server.url, { scope: "read" })).key);
    expect(await outcomes(reader)).toEqual({ list: "done", search: "done", add: expect.stringMatching(/write/) });
    expect(await documents()).toBe(0);
    const writer = await connect((await createKey(server.url, { scope: "write" })).key);
    expect(await outcomes(writer)).toEqual({ list: "done", search: "done", add: "done" });
    expect(await documents()).toBe(1);
    await Promise.all([reader.close(), writer.close()]);
  });

  it("are not for nobody, a wrong key, or one that is limited to libraries", async () => {
    const limited = await createKey(server.url, { scope: "write", libraries: [library] });
    for (const key of [undefined, "arrw_wrong", limited.key]) await expect(connect(key)).rejects.toThrow(/40[13]/);
  });

  it("have places of their own for each key, so that none waits on account of another", async () => {
    const [greedy, modest] = [await createKey(server.url), await createKey(server.url)];
    const watch = (key: string, id: number) =>
      post(
        `${server.url}/mcp`,
        {
          jsonrpc: "2.0",
          id,
          method: "tools/call",
          params: { name: "watch", arguments: { library, wait_seconds: 50 } },
        },
        { ...bearer(key), accept: "*/*" },
      ).then((response) => response.text());
    const calls = Array.from({ length: 70 }, (_each, id) => watch(greedy.key, id));
    // All that are too many are told at once.
    expect(await Promise.any(calls)).toContain("rate_limited");
    const other = watch(modest.key, 1);
    await expect
      .poll(async () => {
        const response = await fetch(`${server.url}/v1/events/stats`, { headers: bearer(adminKey) });
        const { subscribers }: { subscribers?: { sse?: number } } = Object(await response.json());
        return subscribers?.sse;
      }, patience)
      .toBe(65);
    await revokeKey(server.url, greedy.id);
    const texts = await Promise.all(calls);
    expect(texts.filter((text) => text.includes("rate_limited"))).toHaveLength(6);
    expect(texts.filter((text) => text.includes("revoked"))).toHaveLength(64);
    await revokeKey(server.url, modest.id);
    expect(await other).toContain("revoked");
  });

  it("end with their key", async () => {
    const { id, key } = await createKey(server.url, { scope: "read" });
    const client = await connect(key);
    await revokeKey(server.url, id);
    await expect(client.callTool({ name: "list", arguments: {} })).rejects.toThrow(/401/);
    await client.close();
  });
});
