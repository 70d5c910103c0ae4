import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ArrwClient } from "arrwdb-client";
import { describe, expect, it } from "vitest";
import { pythonMissing } from "../support/pages/pages.ts";
import { startServer } from "../support/server/test-server.ts";
import { because } from "../support/skipping.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders = ["", "docs", "client", "examples", "examples/python", "integrations/langchain", "integrations/ai-sdk"];
const noPython = await pythonMissing();

/** Asks for a document of two megabytes. */
const program = (options: string) => `
import asyncio, json, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1]${options}) as socket:
        await socket.send(json.dumps({"request_id": "g", "action": "get", "data": {"document_id": sys.argv[2]}}))
        try:
            print(len(json.loads(await socket.recv())["data"]["document"]["text"]))
        except websockets.ConnectionClosed as closed:
            print(closed.sent.code)
asyncio.run(main())
`;

describe("Python's websockets", () => {
  it("is told in every example to take messages of any size", async () => {
    const names = await Promise.all(
      folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => join(folder, name))),
    );
    const calls: string[] = [];
    for (const name of names.flat().filter((one) => /\.(md|py)$/.test(one))) {
      const text = await readFile(join(root, name), "utf8");
      for (const [call] of text.matchAll(/websockets\.connect\((?:[^()]|\([^()]*\))*\)/g))
        calls.push(`${name}: ${call}`);
    }
    expect(calls.length).toBeGreaterThanOrEqual(5);
    expect(calls.filter((call) => !call.includes("max_size=None"))).toEqual([]);
  });

  it.skipIf(noPython !== undefined)(`ends with 1009 of its own where it is not${because(noPython)}`, async () => {
    const server = await startServer();
    const client = new ArrwClient({ url: server.url });
    try {
      const { id } = await client.libraries.create({ name: "large", embedding_model: "none", dimension: 1 });
      const chunks = Array.from({ length: 20 }, () => ({ text: "x".repeat(100_000), embedding: [1] }));
      const { document } = await client.library(id).add({ title: "Large", chunks });
      const address = `${server.socketUrl}/v1/libraries/${id}/ws`;
      const run = async (options: string) =>
        (await promisify(execFile)("/usr/bin/python3", ["-c", program(options), address, document.id])).stdout.trim();
      expect(await run("")).toBe("1009");
      expect(Number(await run(", max_size=None"))).toBeGreaterThanOrEqual(2_000_000);
    } finally {
      client.close();
      await server.stop();
    }
  });
});
