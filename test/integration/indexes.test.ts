import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { library } from "@arrwdb/protocol/documents/model";
import { problem } from "@arrwdb/protocol/errors/problem";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { type LibraryStatistics, libraryStatistics } from "@arrwdb/protocol/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";

const dimension = 16;
const count = 6_000;
const random = seededRandom(11);
const newVector = () => randomUnitVector(dimension, random);

describe("The index of a library", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  const urlOf = (libraryId: string, path = "") => `${server.url}/v1/libraries/${libraryId}${path}`;

  async function statistics(libraryId: string): Promise<LibraryStatistics> {
    return libraryStatistics.parse(await (await fetch(urlOf(libraryId, "/stats"))).json());
  }

  async function search(libraryId: string, body: Readonly<Record<string, unknown>> = {}, query = "?explain=true") {
    const response = await post(urlOf(libraryId, `/search${query}`), { embedding: [...newVector()], k: 10, ...body });
    return searchResponse.parse(await response.json());
  }

  async function choose(libraryId: string, index: unknown): Promise<Response> {
    const body = JSON.stringify({ index });
    return fetch(urlOf(libraryId), { method: "PATCH", headers: { "content-type": "application/json" }, body });
  }

  async function filled(index?: IndexSettings): Promise<string> {
    const { id } = await createLibrary(server.url, { embedding_model: "none", dimension, ...(index && { index }) });
    const lines = Array.from({ length: count }, (_each, number) =>
      JSON.stringify({ title: `${number}`, part: number % 50, chunks: [{ text: "x", embedding: [...newVector()] }] }),
    );
    expect((await resultsOf(uploadTo(uploadUrl(server.url, id), lines.join("\n")))).failed).toBe(0);
    return id;
  }

  const settled = (libraryId: string, kind: string) =>
    eventually(
      async () => {
        const { index } = await statistics(libraryId);
        expect(index).toMatchObject({ kind, pending: 0, rebuilding: false, chunks: count });
        return index;
      },
      { within: 45_000 },
    );

  it("changes to any other while searches go on, none of which ever lacks a hit", async () => {
    const id = await filled();
    await settled(id, "hnsw");
    const others: readonly IndexSettings[] = [
      { type: "flat" },
      { type: "ivf", nlist: 16, nprobe: 16 },
      { type: "hnsw", m: 8, ef_construction: 32, ef: 32, quantization: "f16" },
      { type: "auto" },
    ];
    for (const index of others) {
      expect(library.parse(await (await choose(id, index)).json()).index).toEqual(index);
      const kind = index.type === "auto" ? "hnsw" : index.type;
      const done = new AbortController();
      const searching = (async () => {
        let searches = 0;
        for (; !done.signal.aborted; searches++) {
          const plain = await search(id);
          expect([plain.total, plain.results.length]).toEqual([10, 10]);
          const filtered = await search(id, { metadata_filter: { part: searches % 50 } });
          expect(filtered.results.map(({ document }) => document?.metadata?.["part"])).toEqual(
            Array.from({ length: 10 }, () => searches % 50),
          );
        }
        return searches;
      })();
      const { settings } = await settled(id, kind).finally(() => done.abort());
      expect(settings).toEqual(index);
      expect(await searching).toBeGreaterThan(0);
      const { exact, explanation } = await search(id);
      expect(explanation?.index).toBe(kind);
      if (kind === "flat") expect(exact).toBe(true);
    }
  });

  it("tells how it answered, and what passed the filter", async () => {
    const id = await filled({ type: "hnsw", m: 16, ef_construction: 64, ef: 32, quantization: "i8" });
    await settled(id, "hnsw");
    expect((await search(id)).explanation).toMatchObject({ plan: "walk", index: "hnsw", matching: null, batch: 1 });
    await eventually(async () => {
      const { explanation } = await search(id, { metadata_filter: { part: 3 } });
      expect(explanation).toMatchObject({ matching: count / 50, selectivity: 0.02 });
    });
    expect((await search(id, { metadata_filter: { part: 99 } })).explanation).toMatchObject({ plan: "none" });
    expect(await search(id, { exact: true })).toMatchObject({ exact: true });
    expect((await search(id, {}, "")).explanation).toBeUndefined();
    const refused = problem.parse(await (await post(urlOf(id, "/search?explain=perhaps"), { k: 1 })).json());
    expect(refused).toMatchObject({ status: 422, field: "explain" });

    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
    const answer = await socket.request("search", { embedding: [...newVector()], explain: true, exact: true });
    expect(answer.data).toMatchObject({ exact: true, explanation: { index: "hnsw" } });
    socket.socket.close();
    await socket.closed;
  });

  it("is measured on the searches that were made", async () => {
    const id = await filled();
    await settled(id, "hnsw");
    await eventually(
      async () => {
        await search(id);
        const { recall, searches } = await statistics(id);
        expect(searches.total).toBeGreaterThan(0);
        expect(recall?.mean).toBeGreaterThan(0.9);
      },
      { within: 20_000 },
    );
    expect((await fetch(urlOf("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d", "/stats"))).status).toBe(404);
  });

  const bad: Readonly<Record<string, readonly [unknown, string]>> = {
    "an unknown type": [{ type: "magic" }, "index.type"],
    "no type": [{ m: 16 }, "index.type"],
    "a graph without neighbours": [{ type: "hnsw", m: 1 }, "index.m"],
    "a graph of text": [{ type: "hnsw", quantization: "text" }, "index.quantization"],
    "half a list": [{ type: "ivf", nlist: 2.5 }, "index.nlist"],
    "a setting of another type": [{ type: "flat", m: 16 }, "index.m"],
    "a type alone": ["hnsw", "index"],
  };
  for (const [name, [index, field]] of Object.entries(bad)) {
    it(`is refused with ${name}`, async () => {
      const { id } = await createLibrary(server.url, { embedding_model: "none", dimension });
      for (const response of [
        await choose(id, index),
        await post(`${server.url}/v1/libraries`, { name: "x", index }),
      ]) {
        const refusal = problem.parse(await response.json());
        expect(refusal).toMatchObject({ status: 422, code: "validation_failed", field });
      }
    });
  }
});
