import { type Library, library as librarySchema } from "@arrwdb/protocol/documents/model";
import { type Reembedding, reembedding } from "@arrwdb/protocol/documents/reembedding";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { problemOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { spawnServer } from "../support/server/server-process.ts";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  temporaryDirectory,
} from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

const own = "openai-compatible:own";
const size = 16;
let provider: FakeEmbeddingProvider;
let environment: Readonly<Record<string, string>>;

beforeEach(async () => {
  provider = new FakeEmbeddingProvider(size);
  environment = {
    ARRWDB_EMBEDDING: own,
    ARRWDB_EMBEDDING_BASE_URL: `${await provider.start()}/v1`,
    ARRWDB_EMBEDDING_DIMENSION: String(size),
  };
});
afterEach(() => provider.stop());

const pathOf = (url: string, id: string) => `${url}/v1/libraries/${id}/reembedding`;

async function begin(url: string, id: string, request: object = { embedding_model: own }): Promise<Reembedding> {
  const response = await post(pathOf(url, id), request);
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return reembedding.parse(await response.json());
}

const stateOf = async (url: string, id: string) => reembedding.parse(await (await fetch(pathOf(url, id))).json());

const ended = (url: string, id: string) =>
  eventually(async () => {
    const found = await stateOf(url, id);
    expect(found.state).not.toBe("running");
    return found;
  });

const libraryOf = async (url: string, id: string): Promise<Library> =>
  librarySchema.parse(await (await fetch(`${url}/v1/libraries/${id}`)).json());

const ask = async (url: string, id: string, query: object) => {
  const response = await post(`${url}/v1/libraries/${id}/search`, { k: 5, ...query });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return searchResponse.parse(await response.json());
};

async function fill(url: string, id: string, count: number, vector?: readonly number[]): Promise<void> {
  const lines = Array.from({ length: count }, (_each, index) => {
    const text = `text ${index}`;
    return JSON.stringify({
      id: `d${index}`,
      chunks: [{ text, ...(vector === undefined ? {} : { embedding: vector }) }],
    });
  });
  const response = await uploadTo(uploadUrl(url, id), lines.join("\n"));
  expect(await response.json()).toMatchObject({ successful: count, failed: 0 });
}

/** The provider makes the same of a text, whether it is a query or a document. */
async function expectOwnVector(url: string, id: string, text: string): Promise<void> {
  const { results } = await ask(url, id, { query: text, exact: true });
  expect(results[0]).toMatchObject({ text });
  expect(results[0]?.distance).toBeCloseTo(0, 5);
}

describe("Re-embedding a library", () => {
  it("gives a library of the clients' own vectors a model, at one position, as everybody is told", async () => {
    await using server = await startServer(environment);
    const { url, socketUrl } = server;
    const { id } = await createVectorLibrary(url);
    await fill(url, id, 300, [1, 0, 0, 0]);
    const socket = await TestSocket.open(`${socketUrl}/v1/libraries/${id}/ws`);
    await socket.request("subscribe", { events: ["library.updated"] });
    const refused = await post(`${url}/v1/libraries/${id}/search`, { query: "text 7", k: 1 });
    expect(await problemOf(refused)).toMatchObject({ code: "text_not_searchable" });
    const open = provider.hold();
    const target = { library_id: id, embedding_model: own, dimension: size };
    expect(await begin(url, id)).toMatchObject({ ...target, state: "running", chunks_total: 300, finished_at: null });
    expect(await problemOf(await post(pathOf(url, id), {}))).toMatchObject({
      code: "reembedding_in_progress",
      status: 409,
    });
    expect(await ask(url, id, { embedding: [1, 0, 0, 0] })).toMatchObject({ seq: 301, total: 5 });
    open();
    const done = await ended(url, id);
    expect(done).toMatchObject({
      ...target,
      state: "done",
      seq: 302,
      chunks_done: 300,
      chunks_total: 300,
      error: null,
    });
    expect(await libraryOf(url, id)).toMatchObject({
      embedding_model: own,
      dimension: size,
      seq: 302,
      num_chunks: 300,
    });
    const event = await socket.wait(({ type }) => type === "library.updated");
    expect(event).toMatchObject({ seq: 302, data: { embedding_model: own, dimension: size } });
    for (const text of ["text 0", "text 7", "text 299"]) await expectOwnVector(url, id, text);
    const { results } = await ask(url, id, { query: "text 7", k: 1, include: ["embedding"] });
    expect(Buffer.from(results[0]?.embedding ?? "", "base64")).toHaveLength(4 * size);
    const late = await post(`${url}/v1/libraries/${id}/search`, { embedding: [1, 0, 0, 0], k: 1 });
    expect(await problemOf(late)).toMatchObject({ code: "dimension_mismatch" });
    await socket.close();
  });

  it("refuses what it cannot embed with, and libraries that were never re-embedded", async () => {
    await using server = await startServer(environment);
    const { id } = await createVectorLibrary(server.url);
    const refusals: [object, string][] = [
      [{ embedding_model: "none" }, "validation_failed"],
      [{ embedding_model: null }, "validation_failed"],
      [{ embedding_model: own, dimension: 4 }, "dimension_mismatch"],
      [{ embedding_model: "cohere:unknown" }, "embedder_unavailable"],
      [{ model: own }, "validation_failed"],
    ];
    for (const [request, code] of refusals)
      expect(await problemOf(await post(pathOf(server.url, id), request))).toMatchObject({ code });
    const { detail } = await problemOf(await post(pathOf(server.url, id), { embedding_model: own, dimension: 4 }));
    expect(detail).toMatch(/; omit it$/);
    for (const method of ["GET", "DELETE"])
      expect(await problemOf(await fetch(pathOf(server.url, id), { method }))).toMatchObject({
        code: "reembedding_not_found",
      });
  });

  it("goes on beside writes, patches, deletions and searches, which never meet vectors of two models", async () => {
    await using server = await startServer(environment);
    const { url } = server;
    const { id } = await createLibrary(url, { embedding_model: "builtin" });
    await fill(url, id, 200);
    const path = `${url}/v1/libraries/${id}/documents`;
    const texts = new Map<string, string>(
      Array.from({ length: 200 }, (_each, index) => [`d${index}`, `text ${index}`]),
    );
    const over = new AbortController();
    const write = async () => {
      for (let number = 0; !over.signal.aborted; number++) {
        const [replaced, added] = [`d${number % 150}`, `new ${number}`];
        for (const name of [replaced, added]) {
          const text = `${name} written ${number}`;
          const response = await post(path, { id: name, text });
          expect([200, 201]).toContain(response.status);
          texts.set(name, text);
        }
        await fetch(`${path}/d${150 + (number % 50)}`, { method: "DELETE" });
        texts.delete(`d${150 + (number % 50)}`);
        const patch = await fetch(`${path}/${replaced}`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ metadata: { number } }),
        });
        expect(patch.status).toBe(200);
      }
    };
    const search = async () => {
      while (!over.signal.aborted) {
        const { results, seq } = await ask(url, id, { query: "text 3", k: 3 });
        expect([results.length, seq > 0]).toEqual([3, true]);
        await ask(url, id, { query: "text 3", mode: "hybrid", facets: ["title"] });
        await ask(url, id, { query: "text 3", group_by: { field: "title" } });
      }
    };
    const busy = Promise.all([write(), search(), search()]);
    await begin(url, id);
    const done = await ended(url, id).finally(() => over.abort());
    await busy;
    expect(done).toMatchObject({ state: "done", error: null });
    const { num_chunks, embedding_model } = await libraryOf(url, id);
    expect([num_chunks, embedding_model]).toEqual([texts.size, own]);
    const all = await ask(url, id, { query: "text", k: 1_000, exact: true });
    expect(new Map(all.results.map((hit) => [hit.document_id, hit.text]))).toEqual(texts);
    for (const text of [...texts.values()].slice(-40)) await expectOwnVector(url, id, text);
  });

  it("embeds texts again that were embedded for the former model when it changed over", async () => {
    await using server = await startServer(environment);
    const { url } = server;
    const { id } = await createLibrary(url, { embedding_model: own });
    await fill(url, id, 3);
    const open = provider.hold();
    const called = provider.calls.length;
    const writes = [
      post(`${url}/v1/libraries/${id}/documents`, { id: "late", text: "a late text" }),
      uploadTo(uploadUrl(url, id), JSON.stringify({ id: "later", text: "a later text" })),
      post(`${url}/v1/libraries/${id}/search`, { query: "a query", k: 3 }),
    ];
    await provider.called(called + 3);
    await begin(url, id, { embedding_model: "builtin" });
    expect(await ended(url, id)).toMatchObject({ state: "done", embedding_model: "builtin" });
    open();
    const [added, uploaded, found] = await Promise.all(writes);
    expect([added?.status, found?.status]).toEqual([201, 200]);
    expect(await uploaded?.json()).toMatchObject({ successful: 1, results: [{ success: true }] });
    expect(await libraryOf(url, id)).toMatchObject({ num_chunks: 5, embedding_model: "builtin", dimension: 512 });
    for (const text of ["a late text", "a later text"]) await expectOwnVector(url, id, text);
  });

  it("leaves the library as it was when the provider fails half-way", async () => {
    await using server = await startServer(environment);
    const { url } = server;
    const { id } = await createVectorLibrary(url);
    await fill(url, id, 1_500, [1, 0, 0, 0]);
    const before = await libraryOf(url, id);
    const open = provider.hold();
    await begin(url, id);
    await provider.called(1);
    open();
    await eventually(async () => expect((await stateOf(url, id)).chunks_done).toBeGreaterThan(0));
    provider.plan(...Array.from({ length: 20 }, () => ({ status: 401, message: "no such key" })));
    const failed = await ended(url, id);
    expect(failed).toMatchObject({
      state: "failed",
      error_code: "embedder_unavailable",
      seq: null,
      chunks_total: 1_500,
    });
    expect(failed.error).toContain("check OPENAI_API_KEY");
    expect(failed.chunks_done).toBeLessThan(1_500);
    expect(await libraryOf(url, id)).toEqual(before);
    const { results } = await ask(url, id, { embedding: [1, 0, 0, 0] });
    expect(results.map(({ distance }) => distance)).toEqual([0, 0, 0, 0, 0]);
    provider.plan();
    await begin(url, id);
    expect(await ended(url, id)).toMatchObject({ state: "done", error_code: null });
    await expectOwnVector(url, id, "text 1499");
  });

  it("waits for a provider that fails for a while, but not for ever", async () => {
    const patience = (total: number) => ({ limits: { reembeddingPatience: { total, first: 1, longest: 5 } } });
    const directory = await temporaryDirectory();
    const all = { ...environment, ARRWDB_DATA_DIR: directory };
    const failures = Array.from({ length: 12 }, () => ({ status: 503, retryAfter: "0" }));
    let id = "";
    {
      await using patient = await startServer(all, patience(60_000));
      ({ id } = await createVectorLibrary(patient.url));
      await fill(patient.url, id, 3, [1, 0, 0, 0]);
      provider.plan(...failures);
      await begin(patient.url, id);
      expect(await ended(patient.url, id)).toMatchObject({ state: "done" });
    }
    await using impatient = await startServer(all, patience(0));
    const other = await createVectorLibrary(impatient.url);
    await fill(impatient.url, other.id, 1, [1, 0, 0, 0]);
    await post(`${impatient.url}/v1/libraries/${other.id}/documents`, {
      chunks: [{ text: "unknown", embedding: [1, 0, 0, 0] }],
    });
    provider.plan(...failures);
    await begin(impatient.url, other.id);
    expect(await ended(impatient.url, other.id)).toMatchObject({ state: "failed", error_code: "embedder_failed" });
  });

  it("is cancelled without a trace", async () => {
    await using server = await startServer(environment);
    const { url } = server;
    const { id } = await createVectorLibrary(url);
    await fill(url, id, 10, [1, 0, 0, 0]);
    const before = await libraryOf(url, id);
    const open = provider.hold();
    await begin(url, id);
    await provider.called(1);
    const cancelled = await fetch(pathOf(url, id), { method: "DELETE" });
    expect(await cancelled.json()).toMatchObject({ state: "cancelled", error: null, seq: null });
    await provider.hungUp(1);
    open();
    expect(await libraryOf(url, id)).toEqual(before);
    const again = await fetch(pathOf(url, id), { method: "DELETE" });
    expect(await again.json()).toEqual(await stateOf(url, id));
    await begin(url, id);
    expect(await ended(url, id)).toMatchObject({ state: "done" });
  });

  it("goes on after the server was killed, with what it had stored", async () => {
    const directory = await temporaryDirectory();
    const crashed = await spawnServer(directory, environment);
    const { id } = await createVectorLibrary(crashed.url);
    await fill(crashed.url, id, 2_000, [1, 0, 0, 0]);
    await begin(crashed.url, id);
    await eventually(async () => expect((await stateOf(crashed.url, id)).chunks_done).toBeGreaterThan(0));
    const open = provider.hold();
    await crashed.kill();
    open();
    const server = await spawnServer(directory, environment);
    const done = await ended(server.url, id);
    expect(done).toMatchObject({ state: "done", chunks_done: 2_000, error: null });
    for (const text of ["text 0", "text 1000", "text 1999"]) await expectOwnVector(server.url, id, text);
    expect(await libraryOf(server.url, id)).toMatchObject({ embedding_model: own, seq: 2_002 });
    await server.kill();
  });

  it("goes on with live queries by text, also those that count, and ends those by vectors of another dimension", async () => {
    await using server = await startServer(environment);
    const { url, socketUrl } = server;
    const { id } = await createLibrary(url, { embedding_model: "builtin" });
    await fill(url, id, 20);
    const socket = await TestSocket.open(`${socketUrl}/v1/libraries/${id}/ws`);
    const live = async (query: object) => {
      const { data, error } = await socket.request("subscribe", { query: { k: 3, ...query } });
      if (data === null) throw new Error(String(error));
      return String(data["subscription_id"]);
    };
    const [text, counting] = [
      await live({ query_text: "text 4" }),
      await live({ query_text: "text 4", facets: ["title"] }),
    ];
    const embedding = Array.from({ length: 512 }, (_each, index) => Number(index === 0));
    const vector = await live({ embedding });
    await begin(url, id);
    const { seq } = await ended(url, id);
    const updated = (subscription: string) =>
      socket.wait(
        (message) =>
          message.type === "search.updated" &&
          message["subscription_id"] === subscription &&
          Number(message["seq"]) >= Number(seq),
      );
    for (const subscription of [text, counting]) {
      const { results } = await updated(subscription);
      expect(results).toMatchObject(
        (await ask(url, id, { query: "text 4", k: 3 })).results.map(({ chunk_id, rank }) => ({ chunk_id, rank })),
      );
    }
    const end = await socket.wait(({ type }) => type === "subscription.ended");
    expect(end).toMatchObject({ subscription_id: vector, error_code: "dimension_mismatch" });
    await post(`${url}/v1/libraries/${id}/documents`, { id: "next", text: "text 4" });
    for (const subscription of [text, counting]) {
      await socket.wait(
        (message) =>
          message["subscription_id"] === subscription && JSON.stringify(message["results"] ?? "").includes('"next"'),
      );
    }
    await socket.close();
  });
});
