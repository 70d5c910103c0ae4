import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArrwClient, type Filter, type LibraryHandle } from "arrwdb-client";
import { socketSearchResponse } from "@arrwdb/protocol/search/search";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand as run } from "../support/server/command.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

/** Names of the server's, of JavaScript's, of operators and of indexes, in JSON as another program writes it. */
const document = `{
  "title": "Order",
  "chunks": [{
    "text": "An order.", "embedding": [1, 0], "page_number": 4,
    "metadata": {"created_at": {"by": "a shop"}, "page_number": "iv", "chunk_index": null, "note": "a \\"chunk_index\\":7", "part": [{"of": 1}]}
  }],
  "created_at": "2020-05-06", "seq": -1, "num_chunks": "none", "updated_at": 5, "__proto__": {"admin": true}, "$where": "1",
  "metadata": {
    "items": [
      {"name": "pen", "price": 733739433195933697, "colours": ["red", "blue"], "": [{"__proto__": {"deep": 1}}]},
      {"name": "cup", "constructor": {"prototype": 9}},
      "loose", null, [[{"name": "inner"}], 1e20]
    ],
    "title": "My title", "a.b": {"c": 1}, "0": "zero", "source_document_id": ["x"], "page_number": 12
  }
}`;
const passing: readonly Filter[] = [
  { created_at: { $gte: "2025-01-01" } },
  { "metadata.created_at.by": "a shop" },
  { "metadata.updated_at": 5, updated_at: { $gte: "2025-01-01" } },
  { "metadata.$where": "1" },
  { "__proto__.admin": true },
  { page_number: 4, "metadata.page_number": "iv" },
  { title: "Order", "metadata.title": "My title" },
  { seq: -1, num_chunks: "none", "0": "zero" },
  { "items.name": "cup", "items.price": 733739433195933697n },
  { "items.1.constructor.prototype": 9, "items.colours.1": "blue" },
  { "items..__proto__.deep": 1 },
  { items: null, "items.2": "loose" },
  { "items.4.0.name": "inner", "items.4": 10n ** 20n },
  { "a.b.c": 1, "part.of": 1 },
  { "metadata.source_document_id": "x" },
];
const failing: readonly Filter[] = [
  { created_at: { $lt: "2025-01-01" } },
  { "metadata.created_at": "2020-05-06" },
  { title: "My title" },
  { page_number: "iv" },
  { "items.price": 733739433195933696n },
  { "items.name": "inner" },
  { "items.name": { $ne: "pen" } },
  { "items.-1": { $exists: true } },
  { "items.0.constructor": { $exists: true } },
];
/** What only chunks have, and events do not know. */
const ofChunks = /part|page_number|created_at\.by|"metadata\.created_at"/;

let server: TestServer;
let client: ArrwClient;
let directory: string;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
});
afterAll(async () => {
  client.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function newLibrary(): Promise<LibraryHandle> {
  const { id } = await client.libraries.create({ name: "test", embedding_model: "none", dimension: 2 });
  return client.library(id);
}

async function add(library: LibraryHandle): Promise<string> {
  const headers = { "content-type": "application/json" };
  const url = `${server.url}/v1/libraries/${library.id}/documents`;
  const response = await fetch(url, { method: "POST", headers, body: document });
  const text = await response.text();
  expect([response.status, text]).toEqual([201, expect.any(String)]);
  return text;
}

const own = { created_at: { by: "a shop" }, page_number: "iv", chunk_index: null };

async function expectFound(library: LibraryHandle): Promise<void> {
  for (const metadata_filter of [...passing, ...failing]) {
    const { results } = await library.search({ embedding: [1, 0], metadata_filter });
    const found = results.filter((hit) => hit.document.title === "Order").length;
    expect([metadata_filter, found]).toEqual([metadata_filter, passing.includes(metadata_filter) ? 1 : 0]);
  }
}

describe("Metadata under any names, nested as it comes", () => {
  it("is kept as it was sent, and found by filters", async () => {
    const library = await newLibrary();
    const written = await add(library);
    for (const part of ['"__proto__":{"admin":true}', '"$where":"1"', '"":[{"__proto__":{"deep":1}}]', '"seq":-1'])
      expect(written).toContain(part);
    await expectFound(library);
    const { documents } = await library.documentPage();
    const read = await library.get(documents[0]?.id ?? "");
    expect(read.metadata).toMatchObject({
      items: [{ price: 733739433195933697n }, {}, "loose", null, [[{}], 10n ** 20n]],
    });
    expect(Object.getPrototypeOf(read.metadata)).toBe(Object.prototype);
    expect(read.chunks[0]?.metadata).toMatchObject({ ...own, part: [{ of: 1 }] });
  });

  it("is found by an index of metadata as by a look at it", async () => {
    const library = await newLibrary();
    await add(library);
    const others = Array.from({ length: 3_000 }, (_, index) => ({
      title: "Other",
      chunks: [{ text: "x", embedding: [0, 1] }],
      metadata: { items: [{ name: `other ${index}` }, { price: index }], a: index },
    }));
    for await (const result of library.ingest(others)) expect(result.success).toBe(true);
    await expectFound(library);
    const some = {
      embedding: [0, 1],
      metadata_filter: { "items.price": { $in: [7, 8] }, "items.1.price": { $lt: 8 } },
    };
    expect((await library.search(some)).results.map(({ document: { metadata } }) => metadata["a"])).toEqual([7]);
  });

  it("of a chunk stands beside the server's fields in hits, wherever they are sent", async () => {
    const library = await newLibrary();
    const live = library.live({ embedding: [1, 0], k: 1 });
    await live.next();
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    await add(library);
    const hits = [
      (await library.search({ embedding: [1, 0] })).results[0],
      (await library.search({ mode: "text", query: "order" })).results[0],
      (await live.next()).value?.results[0],
      socketSearchResponse.parse((await socket.request("search", { embedding: [1, 0] })).data).results[0],
    ];
    for (const hit of hits) {
      expect(hit?.metadata).toMatchObject({ page_number: 4, chunk_index: 0, part: [{ of: 1 }] });
      expect(hit?.metadata?.created_at).toMatch(/^20\d\d-.*Z$/);
      expect(hit?.own_metadata).toEqual({ ...own, note: 'a "chunk_index":7', part: [{ of: 1 }] });
      expect(Object.hasOwn(hit?.document?.metadata ?? {}, "__proto__")).toBe(true);
    }
    await live.return();
    await socket.close();
    await library.add({ title: "Plain", chunks: [{ text: "x", embedding: [0, 1], metadata: { a: { seq: 1 } } }] });
    const [plain] = (await library.search({ embedding: [0, 1], k: 1 })).results;
    expect(plain?.metadata).toMatchObject({ a: { seq: 1 } });
    expect(plain).not.toHaveProperty("own_metadata");
  });

  it("chooses events, and comes with them", async () => {
    const library = await newLibrary();
    await add(library);
    for (const metadata_filter of [...passing, ...failing]) {
      if (ofChunks.test(JSON.stringify(Object.keys(metadata_filter)))) continue;
      const { events } = await library.eventPage({ from_seq: 1, metadata_filter });
      expect([metadata_filter, events.length]).toEqual([metadata_filter, passing.includes(metadata_filter) ? 1 : 0]);
    }
    const { events } = await library.eventPage({ from_seq: 1 });
    expect(events[0]).toMatchObject({ data: { metadata: { created_at: "2020-05-06", items: expect.any(Array) } } });
  });

  it("is the same in an export and the import of it", async () => {
    const library = await newLibrary();
    await add(library);
    const file = join(directory, "export.ndjson");
    expect(await run(["export", library.id, "-o", file], { url: server.url })).toMatchObject({ code: 0 });
    const imported = await run(["import", file], { url: server.url });
    const copy = client.library(imported.output.trim());
    await expectFound(copy);
    const documentsOf = async ({ id }: LibraryHandle) => {
      const again = join(directory, `${id}.ndjson`);
      await run(["export", id, "-o", again], { url: server.url });
      const line = (await readFile(again, "utf8")).split("\n")[1] ?? "";
      return line.replaceAll(/"(?:id|updated_at|created_at)":"[^"]*T[^"]*Z"|"id":"[^"]*"|"seq":\d+/g, "");
    };
    expect(await documentsOf(copy)).toBe(await documentsOf(library));
    const plain = join(directory, "documents.ndjson");
    await writeFile(plain, `${document.replaceAll("\n", " ")}\n`);
    expect(await run(["ingest", copy.id, plain], { url: server.url })).toMatchObject({ code: 0 });
  });
});
