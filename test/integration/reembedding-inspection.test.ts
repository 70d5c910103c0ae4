import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { EmbeddedMaintenance } from "../../server/src/store/embedded/embedded-maintenance.ts";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import type { StoredReembedding } from "../../server/src/store/reembedding-store.ts";
import { newChunk, newDocument, range, uuidOf, valueOf } from "../conformance/store-fixture.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

const random = seededRandom(3);

async function embed(store: EmbeddedStore, reembedding: StoredReembedding, limit: number): Promise<void> {
  const texts = await store.reembeddings.next(reembedding, limit);
  const vectors = texts.map(({ key }) => ({ key, vector: randomUnitVector(reembedding.dimension, random) }));
  await store.reembeddings.keep(reembedding, vectors);
}

function countsIn(directory: string): readonly number[] {
  const database = new DatabaseSync(join(directory, "arrwdb.sqlite"), { readOnly: true });
  try {
    return ["vectors", "odd_vectors"].map((table) =>
      Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"]),
    );
  } finally {
    database.close();
  }
}

it("finds nothing wrong before, during and after re-embeddings", async () => {
  const directory = await temporaryDirectory();
  const store = await EmbeddedStore.open({ directory, retentionInterval: 50 });
  const maintenance = new EmbeddedMaintenance(directory);
  const inspected = async () => (await maintenance.inspect({})).faults;
  const events = { max_age_seconds: null, max_count: null, search_performed: false };
  const library = { name: "L", description: null, embeddingModel: "first", dimension: 8, events };
  const { id } = await store.libraries.create(library);
  const other = await store.libraries.create(library);
  for (const each of [id, other.id]) {
    const documents = range(1, 100).map((number) =>
      newDocument({ id: uuidOf(number), chunks: [newChunk(), newChunk()] }),
    );
    (await store.documents.write(each, documents)).map(valueOf);
  }
  expect([await inspected(), countsIn(directory)]).toEqual([[], [400, 0]]);

  const begun = await store.reembeddings.begin(id, { embeddingModel: "second", dimension: 5 });
  await embed(store, begun, 120);
  expect([await inspected(), countsIn(directory)]).toEqual([[], [400, 120]]);
  await store.reembeddings.end(id, { state: "cancelled" });
  await eventually(() => expect(countsIn(directory)).toEqual([400, 0]));

  const again = await store.reembeddings.begin(id, { embeddingModel: "second", dimension: 5 });
  await embed(store, again, 200);
  expect(await store.reembeddings.changeOver(again)).toMatchObject({ state: "done" });
  await eventually(() => expect(countsIn(directory)).toEqual([200, 200]));
  expect(await inspected()).toEqual([]);
  const manifest = await maintenance.backup(join(await temporaryDirectory(), "backup"), {});
  expect(manifest.contents.libraries.map(({ chunks }) => chunks)).toEqual([200, 200]);

  const back = await store.reembeddings.begin(id, { embeddingModel: "first", dimension: 8 });
  await embed(store, back, 50);
  expect([await inspected(), countsIn(directory)]).toEqual([[], [250, 200]]);
  await store.libraries.delete(id);
  await eventually(() => expect(countsIn(directory)).toEqual([200, 0]));
  await store.close();
});

it("names chunks without a vector in the space of their library", async () => {
  const directory = await temporaryDirectory();
  const store = await EmbeddedStore.open({ directory });
  const events = { max_age_seconds: null, max_count: null, search_performed: false };
  const { id } = await store.libraries.create({
    name: "L",
    description: null,
    embeddingModel: "first",
    dimension: 8,
    events,
  });
  valueOf((await store.documents.write(id, [newDocument({ chunks: [newChunk(), newChunk()] })]))[0]);
  const begun = await store.reembeddings.begin(id, { embeddingModel: "second", dimension: 5 });
  await embed(store, begun, 2);
  await store.reembeddings.changeOver(begun);
  const third = await store.reembeddings.begin(id, { embeddingModel: "third", dimension: 6 });
  await embed(store, third, 2);
  await store.close();
  const database = new DatabaseSync(join(directory, "arrwdb.sqlite"));
  database.exec("DELETE FROM odd_vectors WHERE chunk = 1; DELETE FROM vectors WHERE chunk = 2;");
  database.close();
  expect((await new EmbeddedMaintenance(directory).inspect({})).faults).toEqual([
    "chunks without a vector of the model that their library is re-embedded with: 1",
    "chunks without a vector: 1",
  ]);
});

it("reads data from before re-embedding", async () => {
  const directory = await temporaryDirectory();
  const fixture = new URL("../fixtures/schema-13.sqlite.gz", import.meta.url);
  await writeFile(join(directory, "arrwdb.sqlite"), gunzipSync(await readFile(fixture)));
  expect(await new EmbeddedMaintenance(directory).inspect({})).toMatchObject({ schema: 13, faults: [] });
});
