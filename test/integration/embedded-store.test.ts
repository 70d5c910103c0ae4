import { cp, readdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { defaultEventSettings, type Library } from "@arrwdb/protocol/documents/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedStore, type EmbeddedStoreOptions } from "../../server/src/store/embedded/embedded-store.ts";
import type { IndexThresholds } from "../../server/src/store/engine/index/index-thresholds.ts";
import type { NewDocument } from "../../server/src/store/document-store.ts";
import type { StoreHits } from "../../server/src/store/search-store.ts";
import { newDocument, uuidOf, valueOf } from "../conformance/store-conformance.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../support/data/vectors.ts";
import { eventually } from "../support/waiting.ts";

const dimension = 16;
/** So small that a few hundred chunks go through every state of an index. */
const thresholds: Partial<IndexThresholds> = { flatLimit: 50, tailLimit: 100, slice: 16, walkShare: Infinity };

describe("The embedded store", () => {
  let directory: string;
  let store: EmbeddedStore;
  let library: Library;
  let log: string[];
  const random = seededRandom(11);

  const open = (options: Partial<EmbeddedStoreOptions> = {}) =>
    EmbeddedStore.open({ directory, thresholds, onLog: (_level, message) => log.push(message), ...options });
  const create = () =>
    store.libraries.create({
      name: "L",
      description: null,
      embeddingModel: "none",
      dimension,
      events: defaultEventSettings,
    });
  const documentWith = (vector: Float32Array<ArrayBuffer>, changes: Partial<NewDocument> = {}) =>
    newDocument({ chunks: [{ text: "t", pageNumber: null, metadata: {}, vector }], ...changes });

  beforeEach(async () => {
    log = [];
    directory = await temporaryDirectory();
    store = await open();
    library = await create();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Writes documents `from` to `to`, each with a vector of its own. */
  async function fill(from: number, to: number): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>> {
    const vectors = new Map(
      Array.from({ length: to - from }, (_, index) => [uuidOf(from + index), randomUnitVector(dimension, random)]),
    );
    const documents = [...vectors].map(([id, vector]) => documentWith(vector, { id }));
    for (const outcome of await store.documents.write(library.id, documents)) valueOf(outcome);
    return vectors;
  }

  const idsOf = ({ hits }: StoreHits) => hits.map(({ document_id }) => document_id);

  async function expectFinds(vectors: ReadonlyMap<string, Float32Array<ArrayBuffer>>, k = 10): Promise<void> {
    let found = 0;
    const queries = 20;
    for (let round = 0; round < queries; round++) {
      const vector = randomUnitVector(dimension, random);
      const answer = await store.searches.search(library.id, { vector, k });
      const truth = [...vectors]
        .map(([id, stored]) => ({ id, distance: cosineDistance(vector, stored) }))
        .toSorted((a, b) => a.distance - b.distance)
        .slice(0, k);
      expect(answer.hits).toHaveLength(Math.min(k, vectors.size));
      for (const hit of answer.hits)
        expect(hit.distance).toBeCloseTo(cosineDistance(vector, vectors.get(hit.document_id) ?? []), 5);
      const ids = new Set(idsOf(answer));
      found += truth.filter(({ id }) => ids.has(id)).length / truth.length;
    }
    expect(found / queries).toBeGreaterThan(0.95);
  }

  it("changes over from exact to graph without losing sight of a chunk", async () => {
    const vectors = new Map(await fill(0, 40));
    const query = randomUnitVector(dimension, random);
    expect((await store.searches.search(library.id, { vector: query, k: 5 })).exact).toBe(true);
    for (let from = 40; from < 400; from += 30) {
      for (const [id, vector] of await fill(from, from + 30)) {
        vectors.set(id, vector);
        const nearest = await store.searches.search(library.id, { vector, k: 1 });
        expect(idsOf(nearest)).toEqual([id]);
      }
    }
    await eventually(async () => !(await store.statistics.isMigrating()));
    const answer = await store.searches.search(library.id, { vector: query, k: 5 });
    expect(answer).toMatchObject({ exact: false, seq: 401 });
    await expectFinds(vectors);
  });

  it("gives k hits through a graph while k pass the filter and the threshold", async () => {
    const vectors = await fill(0, 300);
    await store.documents.write(library.id, [
      documentWith(randomUnitVector(dimension, random), { id: uuidOf(1000), author: "rare" }),
    ]);
    await eventually(async () => !(await store.statistics.isMigrating()));
    const vector = randomUnitVector(dimension, random);
    const rare = await store.searches.search(library.id, { vector, k: 10, filter: { author: "rare" } });
    expect(rare).toMatchObject({ exact: true, hits: [{ document_id: uuidOf(1000) }] });
    const all = await store.searches.search(library.id, { vector, k: 1000 });
    expect(all.hits).toHaveLength(301);
    const truth = [...vectors.values()].filter((stored) => cosineDistance(vector, stored) <= 0.7).length;
    const near = await store.searches.search(library.id, { vector, k: 1000, maxDistance: 0.7 });
    expect(near.hits.filter(({ document_id }) => document_id !== uuidOf(1000))).toHaveLength(truth);
  });

  it("forgets what was deleted or replaced, wherever it stood", async () => {
    const vectors = new Map(await fill(0, 300));
    await eventually(async () => !(await store.statistics.isMigrating()));
    for (let index = 0; index < 300; index += 2) {
      await store.documents.delete(library.id, uuidOf(index));
      vectors.delete(uuidOf(index));
    }
    for (const [id, vector] of await fill(1, 2)) vectors.set(id, vector);
    await expectFinds(vectors);
    store = await reopened();
    await expectFinds(vectors);
    expect(
      (await store.searches.search(library.id, { vector: randomUnitVector(dimension, random), k: 1000 })).hits,
    ).toHaveLength(vectors.size);
  });

  async function reopened(options: Partial<EmbeddedStoreOptions> = {}): Promise<EmbeddedStore> {
    await store.close();
    log = [];
    store = await open(options);
    return store;
  }

  const indexFiles = async () =>
    (await readdir(join(directory, "indexes"))).filter((name) => !name.startsWith("catalog"));

  it("saves the graph when it closes, and goes on from there", async () => {
    const vectors = new Map(await fill(0, 300));
    await eventually(async () => !(await store.statistics.isMigrating()));
    await reopened();
    const files = await indexFiles();
    const ofLibrary = (suffix: string) => expect.stringMatching(new RegExp(`^${library.id}-[\\w-]+\\.${suffix}$`));
    expect(files.toSorted()).toEqual([ofLibrary("codes"), ofLibrary("usearch")]);
    await expectFinds(vectors);
    for (const [id, vector] of await fill(300, 320)) vectors.set(id, vector);
    await expectFinds(vectors);
    expect(log).toEqual([]);
  });

  const damages: Readonly<Record<string, (path: string) => Promise<void>>> = {
    "is missing": (path) => rm(path),
    "was cut short": (path) => truncate(path, 1000),
    "was overwritten": (path) => writeFile(path, "This is no index at all"),
  };
  for (const [name, damage] of Object.entries(damages)) {
    it(`rebuilds a saved graph that ${name}`, async () => {
      const vectors = await fill(0, 300);
      await eventually(async () => !(await store.statistics.isMigrating()));
      await store.close();
      for (const file of await indexFiles()) await damage(join(directory, "indexes", file));
      log = [];
      store = await open();
      await expectFinds(vectors);
      expect(log).toEqual(["a saved index cannot be used; rebuilding it", "rebuilding an index"]);
    });
  }

  it("catches a stale graph up with what was added and deleted since", async () => {
    const vectors = new Map(await fill(0, 300));
    await eventually(async () => !(await store.statistics.isMigrating()));
    await store.close();
    await cp(join(directory, "indexes"), join(directory, "kept"), { recursive: true });
    store = await open();
    for (const [id, vector] of await fill(300, 330)) vectors.set(id, vector);
    for (let index = 0; index < 60; index++) {
      await store.documents.delete(library.id, uuidOf(index));
      vectors.delete(uuidOf(index));
    }
    await store.close();
    // As after a crash: the tables are new, the snapshot is the old one.
    await rm(join(directory, "indexes"), { recursive: true });
    await rename(join(directory, "kept"), join(directory, "indexes"));
    log = [];
    store = await open();
    await expectFinds(vectors);
    expect(log).toEqual([]);
  });

  it("commits many waiting writers together", async () => {
    const before = await store.statistics.writing();
    await Promise.all(
      Array.from({ length: 200 }, () =>
        store.documents.write(library.id, [
          newDocument({
            chunks: [{ text: "t", pageNumber: null, metadata: {}, vector: randomUnitVector(dimension, random) }],
          }),
        ]),
      ),
    );
    const after = await store.statistics.writing();
    expect(after.writes - before.writes).toBe(200);
    expect(after.commits - before.commits).toBeLessThan(50);
  });

  it("writes nothing more when it closes, and tells each writer whether its documents are there", async () => {
    const written = Array.from({ length: 300 }, async () => {
      const documents = Array.from({ length: 64 }, () => documentWith(randomUnitVector(dimension, random)));
      return (await store.documents.write(library.id, documents)).length;
    });
    // The first ones are under way.
    await Promise.race(written);
    await store.close();
    const outcomes = await Promise.allSettled(written);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(new Set(refused.map(({ reason }) => reason.code))).toEqual(new Set(["shutting_down"]));
    expect(refused.length).toBeGreaterThan(100);
    store = await open();
    const acknowledged = outcomes.reduce(
      (sum, outcome) => sum + (outcome.status === "fulfilled" ? outcome.value : 0),
      0,
    );
    expect(await store.libraries.get(library.id)).toMatchObject({ num_documents: acknowledged });
  });

  it("refuses a second process on the same data", async () => {
    await expect(open()).rejects.toMatchObject({ code: "storage_failed", message: expect.stringContaining("in use") });
    expect(await store.libraries.get(library.id)).toMatchObject({ seq: 1 });
  });

  it("refuses writes when the disk is full, goes on reading, and recovers", async () => {
    await fill(0, 10);
    await reopened({ maxBytes: 1_500_000 });
    let seq = 11;
    let refused: unknown;
    for (let round = 0; refused === undefined && round < 1000; round++) {
      const text = "x".repeat(50_000);
      const [outcome] = await store.documents
        .write(library.id, [
          newDocument({
            id: uuidOf(2000 + round),
            chunks: [{ text, pageNumber: null, metadata: {}, vector: randomUnitVector(dimension, random) }],
          }),
        ])
        .catch((error: unknown) => [{ error }]);
      if (outcome !== undefined && "value" in outcome) seq = outcome.value.document.seq;
      else if (outcome !== undefined && "error" in outcome) refused = outcome.error;
    }
    expect(refused).toMatchObject({ code: "storage_full" });
    expect(await store.libraries.get(library.id)).toMatchObject({ seq, num_documents: seq - 1 });
    expect(
      (await store.searches.search(library.id, { vector: randomUnitVector(dimension, random), k: 1000 })).hits,
    ).toHaveLength(seq - 1);
    await reopened();
    await fill(3000, 3001);
    expect(await store.libraries.get(library.id)).toMatchObject({ seq: seq + 1 });
  });

  it("removes what a deleted library held, even if it is closed in between", async () => {
    await fill(0, 300);
    for (const key of ["a", "b"]) {
      const { uploadId } = await store.uploads.begin(library.id, key);
      const uploadLine = { line: 1, hash: new Uint8Array(32) };
      const chunks = [{ text: "x", pageNumber: null, metadata: {}, vector: randomUnitVector(dimension, random) }];
      await store.documents.write(library.id, [newDocument({ chunks, uploadId, uploadLine })]);
    }
    await store.libraries.delete(library.id);
    await reopened();
    await eventually(async () => !(await store.statistics.writing()).purging);
    await store.close();
    const database = new DatabaseSync(join(directory, "arrwdb.sqlite"));
    for (const table of ["libraries", "documents", "chunks", "vectors", "events", "uploads", "receipts"]) {
      expect(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()).toEqual({ rows: 0 });
    }
    database.close();
    expect(await indexFiles()).toEqual([]);
  });

  it("remembers vectors by model and text, for good", async () => {
    const hash = new Uint8Array(32).fill(7);
    const vector = randomUnitVector(dimension, random);
    await store.embeddings.put("m", [{ hash, vector }]);
    await store.embeddings.put("m", [{ hash, vector: randomUnitVector(dimension, random) }]);
    await reopened();
    expect(await store.embeddings.get("m", [new Uint8Array(32), hash])).toEqual([undefined, vector]);
    expect(await store.embeddings.get("other", [hash])).toEqual([undefined]);
  });

  it("refuses a database of a newer version", async () => {
    await store.close();
    const database = new DatabaseSync(join(directory, "arrwdb.sqlite"));
    database.exec("PRAGMA user_version = 1000");
    database.close();
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining("newer") });
  });
});
