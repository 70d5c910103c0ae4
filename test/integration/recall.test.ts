import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { libraryStatistics } from "@arrwdb/protocol/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { extent } from "../support/suite/extent.ts";
import { hardData } from "../support/data/hard-vectors.ts";
import { RecallCheck } from "../support/data/recall.ts";
import { createLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { because } from "../support/skipping.ts";
import { seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";

type Vector = Float32Array<ArrayBuffer>;

const wanted = 0.99;
const k = 10;
const realText = fileURLToPath(new URL("../../../shared/data/real-text", import.meta.url));
const missing = existsSync(realText) ? undefined : "../shared/data/real-text is not here";

const answer = z.object({
  results: z.array(z.object({ text: z.string(), distance: z.number() })),
  exact: z.boolean(),
});

async function vectorsOf(path: string, dimension: number): Promise<readonly Vector[]> {
  const bytes = await readFile(path);
  const numbers = new Float32Array(Uint8Array.from(bytes).buffer);
  return Array.from({ length: numbers.length / dimension }, (_each, row) =>
    numbers.slice(row * dimension, (row + 1) * dimension),
  );
}

/** Of two halves, of tenths and of fiftieths, which chunks are spread over in no order. */
const scattered = (row: number) => (row * 7_919) % 50;
const filters = {
  "without a filter": [undefined, () => true],
  "of half": [{ half: 0 }, (row: number) => scattered(row) % 2 === 0],
  "of a tenth": [{ tenth: 3 }, (row: number) => scattered(row) % 10 === 3],
  "of a fiftieth": [{ fiftieth: 7 }, (row: number) => scattered(row) === 7],
} as const;

describe("A library made without any settings finds at least 0.99 of the ten nearest", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  const base64 = ({ buffer, byteOffset, byteLength }: Vector) =>
    Buffer.from(buffer, byteOffset, byteLength).toString("base64");

  async function fill(vectors: readonly Vector[]): Promise<string> {
    const dimension = vectors[0]?.length ?? 0;
    const { id } = await createLibrary(server.url, { embedding_model: "none", dimension });
    const lines = vectors.map((vector, row) => {
      const place = scattered(row);
      const metadata = { half: place % 2, tenth: place % 10, fiftieth: place };
      return JSON.stringify({ title: "-", ...metadata, chunks: [{ text: `${row}`, embedding: base64(vector) }] });
    });
    const upload = await fetch(`${server.url}/v1/libraries/${id}/documents/stream`, {
      method: "POST",
      headers: { "Content-Type": "application/x-ndjson" },
      body: lines.join("\n"),
    });
    expect(await upload.json()).toMatchObject({ successful: vectors.length });
    return id;
  }

  async function expectFound(id: string, check: RecallCheck, when: string): Promise<void> {
    for (const [name, [filter, passes]] of Object.entries(filters)) {
      const recall = await check.recall(k, passes, async (query) => {
        const found = await fetch(`${server.url}/v1/libraries/${id}/search`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ embedding: base64(query), k, metadata_filter: filter }),
        });
        return { hits: answer.parse(await found.json()).results };
      });
      expect({ when, name, recall, enough: recall >= wanted }).toMatchObject({ enough: true });
    }
  }

  const indexOf = async (id: string) =>
    libraryStatistics.parse(await (await fetch(`${server.url}/v1/libraries/${id}/stats`)).json()).index;

  /** Until the graph has taken everything in and was measured. */
  const settled = (id: string) =>
    eventually(
      async () => {
        const index = await indexOf(id);
        expect(index).toMatchObject({ kind: "hnsw", rebuilding: false, pending: 0, measured: expect.anything() });
        return index;
      },
      { within: 120_000 },
    );

  async function expectAll(vectors: readonly Vector[], queries: readonly Vector[]) {
    const id = await fill(vectors);
    const few = queries.filter((_query, place) => place % 5 === 0);
    await expectFound(id, new RecallCheck(few, vectors), "at once");
    const index = await settled(id);
    await expectFound(id, new RecallCheck(queries, vectors), "when the graph is whole");
    return index;
  }

  it.skipIf(missing !== undefined)(
    `of real texts${because(missing)}`,
    async () => {
      const sentences = await vectorsOf(join(realText, "cranfield-sentences.512.f32"), 512);
      // More than are compared one by one, so that there is a graph.
      const vectors = sentences.slice(0, extent(5_000, sentences.length));
      const queries = await vectorsOf(join(realText, "cranfield-questions.512.f32"), 512);
      const { measured, effort } = await expectAll(vectors, queries);
      expect(measured?.recall).toBeGreaterThanOrEqual(wanted);
      expect(effort).toBe(measured?.effort);
    },
    300_000,
  );

  for (const name of ["few texts among copies of one", "tight clusters with outliers"]) {
    it(`of ${name}`, { timeout: 180_000 }, async () => {
      const { vectors, queries } = hardData[name]?.(seededRandom(19), 64) ?? { vectors: [], queries: [] };
      expect(await expectAll(vectors, queries)).toMatchObject({ kind: "hnsw" });
    });
  }
});
