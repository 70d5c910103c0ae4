import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { library as librarySchema } from "@arrwdb/protocol/documents/model";
import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, startGuardedServer } from "../support/server/access.ts";
import { runCommand } from "../support/server/command.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { post, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

const id = "3f1f2c1e-6d0a-4f5f-9d0c-6a1b2c3d4e5f";
const other = "7a2b3c4d-1e2f-4a5b-8c6d-9e0f1a2b3c4d";

interface Chunk {
  readonly embedding: readonly number[];
  readonly index: number;
}

/** A document as the Python server writes it. */
const pythonDocument = (of: string, title: string, chunks: readonly Chunk[]) => ({
  id: of,
  chunks: chunks.map(({ embedding, index }) => ({
    id: crypto.randomUUID(),
    text: `Part ${index} of ${title}`,
    embedding,
    metadata: {
      created_at: "2025-10-27T04:01:12.123456",
      page_number: index + 1,
      chunk_index: index,
      source_document_id: of,
    },
  })),
  metadata: {
    title,
    author: null,
    created_at: "2025-10-27T04:01:12.123456",
    document_type: "text",
    source_url: null,
    tags: ["old"],
  },
});

const documents = [
  pythonDocument(id, "Robots", [
    { embedding: [0, 3, 4], index: 1 },
    { embedding: [1, 0, 0], index: 0 },
  ]),
  pythonDocument(other, "Rivers", [{ embedding: [0, 0, 2], index: 0 }]),
];
const metadata = {
  description: "From Python",
  created_at: "2025-10-27T04:00:00",
  index_type: "hnsw",
  embedding_dimension: 3,
  embedding_model: "embed-english-v3.0",
  quantization: null,
};
const exported = { id: crypto.randomUUID(), name: "Films", documents, metadata };

let server: TestServer;
let client: ArrwClient;
let directory: string;

beforeAll(async () => {
  [server, directory] = await Promise.all([startGuardedServer(), temporaryDirectory()]);
  client = new ArrwClient({ url: server.url, key: adminKey });
});
afterAll(async () => {
  client.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function importText(text: string, ...options: readonly string[]) {
  const file = join(directory, "library.json");
  await writeFile(file, text);
  return runCommand(["import", file, ...options], { url: server.url, environment: { ARRWDB_API_KEY: adminKey } });
}

describe("A library of the Python server", () => {
  it.each([undefined, 2])(
    "is imported with its ids, its vectors and the order of its chunks (indented by %s)",
    async (indent) => {
      const { code, output, errors } = await importText(JSON.stringify(exported, undefined, indent), "--model", "none");
      expect({ code, errors }).toEqual({ code: 0, errors: "Imported 2 documents into the new library Films\n" });
      const library = client.library(output.trim());
      expect(await client.libraries.get(library.id)).toMatchObject({
        name: "Films",
        description: "From Python",
        dimension: 3,
        index: { type: "hnsw" },
        num_documents: 2,
        num_chunks: 3,
      });
      const document = await library.get(id, { vectors: true });
      expect(document).toMatchObject({
        title: "Robots",
        tags: ["old"],
        metadata: { created_at: "2025-10-27T04:01:12.123Z" },
      });
      const vectors = document.chunks.map(({ embedding = "" }) => [
        ...new Float32Array(new Uint8Array(Buffer.from(embedding, "base64")).buffer),
      ]);
      expect(document.chunks.map(({ page_number }) => page_number)).toEqual([1, 2]);
      for (const [index, expected] of [
        [1, 0, 0],
        [0, 0.6, 0.8],
      ].entries()) {
        for (const [place, component] of expected.entries()) expect(vectors[index]?.[place]).toBeCloseTo(component, 6);
      }
    },
  );

  it("names the model that the server would need", async () => {
    const { code, errors } = await importText(JSON.stringify(exported));
    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringMatching(/ARRWDB_EMBEDDING=cohere:embed-english-v3\.0[^]*--model none/),
    });
  });

  const withChunk = (change: Readonly<Record<string, unknown>>) => ({
    ...exported,
    documents: [{ ...documents[0], chunks: [{ ...documents[0]?.chunks[0], ...change }] }],
  });
  it.each([
    ["is cut off", JSON.stringify(exported).slice(0, -20), "is cut off"],
    ["is no JSON", `${JSON.stringify(exported).slice(0, 60)}}`, "is not valid JSON"],
    ["has no vectors", JSON.stringify(withChunk({ embedding: undefined })), "export with embeddings"],
    ["has vectors of another dimension", JSON.stringify(withChunk({ embedding: [1, 2] })), "dimension 2"],
    ["has no metadata", JSON.stringify({ ...exported, metadata: undefined }), "is not a library of the Python server"],
  ])("that %s is refused before anything is written", async (_what, text, message) => {
    const before = (await client.libraries.page()).libraries;
    expect(await importText(text, "--model", "none")).toMatchObject({
      code: 1,
      errors: expect.stringContaining(message),
    });
    expect((await client.libraries.page()).libraries).toEqual(before);
  });
});

describe("Programs of the Python server", () => {
  const headers = { "x-api-key": adminKey };
  const create = async (fields: Readonly<Record<string, unknown>>) =>
    post(`${server.url}/v1/libraries`, { name: "Python", ...fields }, headers);

  it("create libraries with index_type, and without a model", async () => {
    const types = { brute_force: "flat", kd_tree: "auto", lsh: "auto", hnsw: "hnsw", ivf: "ivf" };
    for (const [index_type, type] of Object.entries(types)) {
      const response = await create({ index_type, embedding_model: null });
      expect(librarySchema.parse(await response.json()).index.type).toBe(type);
    }
    expect(await (await create({ index_type: "tree" })).json()).toMatchObject({ field: "index_type" });
    const both = await create({ index_type: "hnsw", index: { type: "flat" } });
    expect(await both.json()).toMatchObject({ field: "index_type", detail: expect.stringContaining("only index") });
  });

  it("send their key as X-API-Key, also with a WebSocket, and type with a request", async () => {
    const { id: library } = librarySchema.parse(await (await create({ embedding_model: "none", dimension: 2 })).json());
    const socket = await TestSocket.open(`${server.url}/v1/libraries/${library}/ws`, headers);
    const ask = (type: string) =>
      socket.raw(JSON.stringify({ type, request_id: "1", action: "search", data: { embedding: [1, 0], k: 1 } }));
    expect(await ask("request")).toMatchObject({ success: true });
    expect(await ask("response")).toMatchObject({ success: false, field: "type" });
    await socket.close();
    const keys = { "x-api-key": "arrw_unknown", authorization: `Bearer ${adminKey}` };
    expect((await fetch(`${server.url}/v1/libraries`, { headers: keys })).status).toBe(401);
    expect((await fetch(`${server.url}/v1/libraries`, { headers: { "x-api-key": "arrw_unknown" } })).status).toBe(401);
  });
});
