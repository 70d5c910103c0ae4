import { rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "@arrwdb/protocol/errors/problem";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { runCommand } from "../support/server/command.ts";
import { createLibrary, createVectorLibrary, post, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { describeUnless } from "../support/skipping.ts";
import { SmallDisk } from "../support/server/small-disk.ts";
import { resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";

const unavailable = await SmallDisk.unavailable();
const random = seededRandom(17);
const dimension = 16;
const newVector = () => [...randomUnitVector(dimension, random)];
const document = (title: string, text = title) => ({ title, chunks: [{ text, embedding: newVector() }] });
const documents = 800;
/** A model that is not loaded, as nothing here is embedded. */
const environment = {
  ARRWDB_EMBEDDING: "openai-compatible:unused",
  ARRWDB_EMBEDDING_BASE_URL: "http://127.0.0.1:9/v1",
  ARRWDB_EMBEDDING_DIMENSION: "8",
};
/** Each starts several servers. */
const timeout = 180_000;

/** However it ended and however often, a server on a full disk starts, and serves what it has. */
describeUnless(unavailable, "A start on a full disk", () => {
  let disk: SmallDisk;
  let server: ServerProcess | undefined;
  const libraries: { id: string; size: number }[] = [];

  const directory = () => join(disk.directory, "data");
  const reserved = async () => (await stat(join(directory(), "arrwdb.reserve"))).size;
  async function start(): Promise<string> {
    server = await spawnServer(directory(), environment);
    return server.url;
  }

  beforeAll(async () => {
    disk = await SmallDisk.mount(32);
    const url = await start();
    libraries.push({ id: (await createVectorLibrary(url, dimension)).id, size: 1 });
    await resultsOf(uploadTo(uploadUrl(url, libraries[0]?.id ?? ""), JSON.stringify(document("one"))));
    for (const type of ["hnsw", "ivf"] as const) {
      const { id } = await createLibrary(url, { embedding_model: "none", dimension, index: { type } });
      const lines = Array.from({ length: documents }, (_, index) => JSON.stringify(document(`${index}`))).join("\n");
      await resultsOf(uploadTo(uploadUrl(url, id), lines));
      libraries.push({ id, size: documents });
    }
    await post(`${url}/v1/libraries/${libraries[0]?.id}/webhooks`, { url: "https://example.com/hook" });
    await server?.stop();
    await disk.fill();
  }, timeout);
  afterEach(async () => {
    await server?.kill();
    server = undefined;
  });
  afterAll(async () => {
    await disk.unmount();
  });

  /** Everything can be read, nothing written, and the server stays. */
  async function expectReading(url: string): Promise<void> {
    for (const { id, size } of libraries) {
      const found = await post(`${url}/v1/libraries/${id}/search`, { embedding: newVector(), k: 1_000 });
      expect(searchResponse.parse(await found.json()).total).toBe(size);
      for (const path of ["", "/documents?limit=5", "/stats", "/export", "/webhooks", "/events?from_seq=0"]) {
        const accept = path.startsWith("/events") ? "application/json" : "*/*";
        const read = await fetch(`${url}/v1/libraries/${id}${path}`, { headers: { accept } });
        expect([path, read.status]).toEqual([path, 200]);
        await read.text();
      }
    }
    expect((await fetch(`${url}/health`)).status).toBe(200);
  }

  const write = (url: string, text: string) =>
    post(`${url}/v1/libraries/${libraries[0]?.id}/documents`, document("a title", text));

  it("is possible after each orderly stop, though others take all that it leaves", { timeout }, async () => {
    for (let round = 0; round < 2; round++) {
      const url = await start();
      await disk.fill();
      await expectReading(url);
      const refused = await write(url, "x".repeat(100_000));
      expect(problem.parse(await refused.json())).toMatchObject({ status: 507, code: "storage_full" });
      await server?.stop();
      await disk.fill();
    }
  });

  it("is possible after a crash, and after an orderly stop of what the crash had left", { timeout }, async () => {
    for (const end of ["kill", "stop", "kill"] as const) {
      const url = await start();
      await disk.fill();
      await expectReading(url);
      expect((await write(url, "x".repeat(100_000))).status).toBe(507);
      await server?.[end]();
      await disk.fill();
    }
  });

  it("is not needed to make a backup elsewhere, and possible after one", { timeout }, async () => {
    const elsewhere = await temporaryDirectory();
    const run = (...args: readonly string[]) =>
      runCommand([...args, "--data-dir", directory()], { directory: elsewhere });
    expect(await run("backup", "saved")).toMatchObject({ code: 0 });
    await disk.fill();
    await expectReading(await start());
    await server?.stop();
    await disk.fill();
    await rm(elsewhere, { recursive: true });
  });

  it("takes writes once there is space, and keeps some for the next time", { timeout }, async () => {
    await disk.free();
    const url = await start();
    expect((await write(url, "two")).status).toBe(201);
    if (libraries[0] !== undefined) libraries[0].size++;
    await server?.stop();
    expect(await reserved()).toBe(512 * 1024);
    await disk.fill();
    await expectReading(await start());
    await server?.stop();
  });

  it("says what is wrong where nothing was kept", { timeout }, async () => {
    await truncate(join(directory(), "arrwdb.reserve"), 0);
    await disk.fill();
    await expect(start()).rejects.toThrow(/full/);
    await disk.free();
    await expectReading(await start());
  });
});
