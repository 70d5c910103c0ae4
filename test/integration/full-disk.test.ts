import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { receipt } from "@arrwdb/protocol/documents/ingestion";
import { problem } from "@arrwdb/protocol/errors/problem";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { Scrape } from "../support/metrics.ts";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  type TestServer,
} from "../support/server/test-server.ts";
import { SmallDisk } from "../support/server/small-disk.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { problemOf, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { describeUnless } from "../support/skipping.ts";

const unavailable = await SmallDisk.unavailable();
const random = seededRandom(3);
const dimension = 64;
const newVector = () => [...randomUnitVector(dimension, random)];
const text = "a text that takes some room on the disk ".repeat(20);
const document = (title: string) => ({ title, chunks: [{ text, embedding: newVector() }] });

describeUnless(unavailable, "A full disk", () => {
  let disk: SmallDisk;
  let server: TestServer;
  let provider: FakeEmbeddingProvider;
  let libraryId: string;
  let textLibraryId: string;
  let environment: Readonly<Record<string, string>>;
  let written = 0;

  const urlOf = (path: string) => `${server.url}/v1/libraries/${libraryId}${path}`;
  const add = (title: string) => post(urlOf("/documents"), document(title));
  const search = async () => {
    const response = await post(urlOf("/search"), { embedding: newVector(), k: 1_000 });
    return searchResponse.parse(await response.json());
  };

  /** Writes until the database has used up what it had reserved for itself. */
  async function writeUntilRefused(): Promise<Response> {
    for (;;) {
      const response = await add("more");
      if (response.status !== 201) return response;
      written++;
    }
  }

  beforeAll(async () => {
    disk = await SmallDisk.mount(24);
    provider = new FakeEmbeddingProvider(dimension);
    environment = {
      ARRWDB_DATA_DIR: join(disk.directory, "data"),
      ARRWDB_EMBEDDING: "openai-compatible:fake",
      ARRWDB_EMBEDDING_BASE_URL: await provider.start(),
      ARRWDB_EMBEDDING_DIMENSION: String(dimension),
    };
    server = await startServer(environment);
    libraryId = (await createVectorLibrary(server.url, dimension)).id;
    textLibraryId = (await createLibrary(server.url)).id;
    for (written = 0; written < 20; written++) await add(`first ${written}`);
    await disk.fill();
  });
  afterAll(async () => {
    await server.stop();
    await provider.stop();
    await disk.unmount();
  });

  it("refuses writes with 507, and says when to come back", async () => {
    const refused = await writeUntilRefused();
    expect(refused.status).toBe(507);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(problem.parse(await refused.json())).toMatchObject({ code: "storage_full", retryable: true });
    const patched = await fetch(urlOf(""), {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ description: "x".repeat(9_000) }),
    });
    expect((await problemOf(patched)).code).toBe("storage_full");
  });

  it("goes on serving reads over HTTP, and is well", async () => {
    expect((await search()).total).toBe(written);
    expect((await fetch(urlOf("/documents?limit=5"))).status).toBe(200);
    expect((await fetch(urlOf("/events?from_seq=0"), { headers: { accept: "application/json" } })).status).toBe(200);
    for (const path of ["/health", "/ready", "/metrics"]) expect((await fetch(server.url + path)).status).toBe(200);
    const scrape = await Scrape.of(server.url);
    expect(scrape.value("arrwdb_disk_free_bytes")).toBe(0);
    expect(scrape.value("arrwdb_errors_total", { transport: "http", code: "storage_full" })).toBeGreaterThan(0);
  });

  it("refuses and serves the same over WebSocket, on one connection", async () => {
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
    expect(await socket.request("add", document("x"))).toMatchObject({ success: false, error_code: "storage_full" });
    const found = await socket.request("search", { embedding: newVector(), k: 1 });
    expect(found).toMatchObject({ success: true, data: { total: 1 } });
    expect(await socket.request("add", document("x"))).toMatchObject({ success: false, error_code: "storage_full" });
    expect(await socket.request("subscribe", {})).toMatchObject({ success: true });
    await socket.close();
  });

  it("tells each line of an upload", async () => {
    const lines = Array.from({ length: 300 }, (_each, number) => JSON.stringify(document(`${number}`))).join("\n");
    const { results, successful, failed } = await resultsOf(uploadTo(uploadUrl(server.url, libraryId), lines));
    written += successful;
    expect(failed).toBeGreaterThan(0);
    expect(successful + failed).toBe(300);
    const codes = new Set(results.flatMap((result) => (result.success ? [] : [result.error_code])));
    expect([...codes]).toEqual(["storage_full"]);
    expect((await search()).total).toBe(written);
  });

  it("cannot keep long results for one answer, but streams them", async () => {
    const bad = Array.from({ length: 9_500 }, () => '{"title": 1}').join("\n");
    const answer = await uploadTo(uploadUrl(server.url, libraryId), bad);
    expect(await problemOf(answer)).toMatchObject({ status: 507, code: "storage_full" });
    expect(await readdir(join(server.directory, "spool")).catch(() => [])).toEqual([]);
    const streamed = await uploadTo(uploadUrl(server.url, libraryId), bad, { accept: "application/x-ndjson" });
    expect(streamed.status).toBe(200);
    expect((await streamed.text()).trimEnd().split("\n")).toHaveLength(9_501);
  });

  it("searches by text, though vectors cannot be remembered", async () => {
    const url = `${server.url}/v1/libraries/${textLibraryId}`;
    expect((await post(`${url}/documents`, { title: "T", text })).status).toBe(507);
    expect((await post(`${url}/search`, { query: "some text" })).status).toBe(200);
  });

  it("takes writes again when there is space, and none was half done", async () => {
    const { seq } = await search();
    await disk.free();
    const lines = Array.from({ length: 50 }, (_each, number) => JSON.stringify(document(`${number}`))).join("\n");
    const streamed = await uploadTo(uploadUrl(server.url, libraryId), lines, { accept: "application/x-ndjson" });
    const receipts = (await streamed.text()).split("\n").slice(0, 50);
    expect(receipts.map((line) => receipt.parse(JSON.parse(line)).seq)).toEqual(
      Array.from({ length: 50 }, (_each, number) => seq + 1 + number),
    );
    written += 50;
    expect((await search()).total).toBe(written);
    const stored = await post(`${server.url}/v1/libraries/${textLibraryId}/documents`, { title: "T", text });
    expect(stored.status).toBe(201);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
    expect(await socket.request("add", document("x"))).toMatchObject({ success: true });
    written++;
    await socket.close();
  });

  it("loses nothing when it stops with a full disk, and a graph that cannot be saved is made again", async () => {
    const graph = await createLibrary(server.url, { embedding_model: "none", dimension, index: { type: "hnsw" } });
    const lines = Array.from({ length: 600 }, () =>
      JSON.stringify({ title: "g", chunks: [{ text: "g", embedding: newVector() }] }),
    );
    expect(await resultsOf(uploadTo(uploadUrl(server.url, graph.id), lines.join("\n")))).toMatchObject({ failed: 0 });
    await disk.fill();
    await server.stop();
    server = await startServer(environment);
    expect((await search()).total).toBe(written);
    const found = await post(`${server.url}/v1/libraries/${graph.id}/search`, { embedding: newVector(), k: 600 });
    expect(searchResponse.parse(await found.json()).total).toBe(600);
    await disk.free();
    expect((await add("after")).status).toBe(201);
  });
});
