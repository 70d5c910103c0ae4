import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, bearer, createKey, revokeKey, startGuardedServer } from "../support/server/access.ts";
import { LiveReader } from "../support/peers/live-reader.ts";
import { Scrape } from "../support/metrics.ts";
import { post, type TestServer } from "../support/server/test-server.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";

const dimension = 8;
const queries = 300;
const random = seededRandom(61);
const upTo = (limit: number) => Math.floor(random() * limit);
const vector = () => [...randomUnitVector(dimension, random)];

const newQuery = () => ({
  embedding: vector(),
  k: [1, 3, 10, 40][upTo(4)] ?? 1,
  ...(upTo(3) === 0 ? { threshold: 0.5 + 0.5 * random() } : {}),
  ...(upTo(3) === 0 ? { metadata_filter: { kind: upTo(3) } } : {}),
});

describe("Live queries in a storm", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startGuardedServer();
  });
  afterAll(() => server.stop());

  const newLibrary = async (): Promise<string> => {
    const body = { name: "storm", embedding_model: "none", dimension };
    const response = await post(`${server.url}/v1/libraries`, body, bearer(adminKey));
    const { id }: { id: string } = JSON.parse(await response.text());
    return id;
  };
  const upload = async (libraryId: string, count: number) => {
    const lines = Array.from({ length: count }, () =>
      JSON.stringify({
        title: "T",
        metadata: { kind: upTo(3) },
        chunks: Array.from({ length: 1 + upTo(3) }, () => ({ text: "x", embedding: vector() })),
      }),
    );
    const response = await fetch(`${server.url}/v1/libraries/${libraryId}/documents/stream`, {
      method: "POST",
      headers: bearer(adminKey),
      body: lines.join("\n"),
    });
    const { results }: { results: readonly { document_id: string }[] } = JSON.parse(await response.text());
    return results.map((result) => result.document_id);
  };
  const remove = async (url: string) => {
    const response = await fetch(url, { method: "DELETE", headers: bearer(adminKey) });
    await response.arrayBuffer();
  };
  const open = (libraryId: string, key = adminKey) => LiveReader.open(server.url, libraryId, bearer(key));
  const watchMany = (reader: LiveReader) =>
    Promise.all(Array.from({ length: queries }, () => reader.watch(newQuery())));
  const liveQueries = async () =>
    (await Scrape.of(server.url, bearer(adminKey))).value("arrwdb_subscriptions", { kind: "live_queries" });

  /** What a search finds now that is told what the live query was. */
  const search = async (libraryId: string, query: Readonly<Record<string, unknown>>) => {
    const { threshold, ...rest } = query;
    const body = { ...rest, exact: true, ...(threshold === undefined ? {} : { distance_threshold: threshold }) };
    const response = await post(`${server.url}/v1/libraries/${libraryId}/search`, body, bearer(adminKey));
    const { results }: { results: readonly { chunk_id: string }[] } = JSON.parse(await response.text());
    return results.map(({ chunk_id: id }) => id);
  };

  it("show at rest what a new search finds, whoever came, went and read nothing meanwhile", async () => {
    const [id, doomed] = [await newLibrary(), await newLibrary()];
    const { id: keyId, key } = await createKey(server.url);
    await upload(id, 200);
    await upload(doomed, 50);
    const [steady, silent, restless, revoked, orphaned] = await Promise.all([
      open(id),
      open(id),
      open(id),
      open(id, key),
      open(doomed),
    ]);
    await Promise.all([steady, silent, revoked, orphaned].map(watchMany));
    silent.pause();

    const storm = new AbortController();
    const comeAndGo = async () => {
      while (!storm.signal.aborted) {
        const begun = await Promise.all(Array.from({ length: 50 }, () => restless.watch(newQuery())));
        await Promise.all(begun.map((each) => restless.end(each)));
      }
    };
    const write = async () => {
      const documents: string[] = [];
      for (let round = 0; round < 30; round++) {
        documents.push(...(await upload(id, 20)));
        if (round <= 18) await upload(doomed, 5);
        // All that was written until then, so that lists have to be filled again.
        if (round % 10 === 9) {
          const all = documents.splice(0);
          await Promise.all(all.map((each) => remove(`${server.url}/v1/libraries/${id}/documents/${each}`)));
        }
        if (round === 12) await revokeKey(server.url, keyId);
        if (round === 18) await remove(`${server.url}/v1/libraries/${doomed}`);
      }
    };
    const restlessness = comeAndGo();
    await write();
    storm.abort();
    await restlessness;
    silent.resume();

    expect(await Promise.all([revoked.closed, orphaned.closed])).toEqual([4401, 4410]);
    for (const reader of [steady, silent]) {
      expect(reader.shown.size).toBe(queries);
      for (const shown of reader.shown.values()) {
        const found = await search(id, shown.query);
        const isSame = () => isDeepStrictEqual(reader.shown.get(idOf(reader, shown.query))?.chunks, found);
        await eventually(isSame, { describe: "a live query to show what a new search finds" });
      }
      expect([reader.updates > queries, reader.disordered]).toEqual([true, 0]);
    }
    expect(restless.shown.size).toBe(0);
    expect(await liveQueries()).toBe(2 * queries);
    for (const reader of [steady, silent, restless]) reader.close();
    await eventually(async () => (await liveQueries()) === 0, { describe: "all live queries to end" });
  });
});

const idOf = (reader: LiveReader, query: unknown) =>
  [...reader.shown].find(([, shown]) => shown.query === query)?.[0] ?? "";
