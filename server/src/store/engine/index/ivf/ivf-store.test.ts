import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { cp, mkdtemp, open as openFile, readdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newChunk, newDocument, uuidOf, valueOf } from "../../../../../../test/conformance/store-fixture.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { EmbeddedStore } from "../../../embedded/embedded-store.ts";
import { eventually } from "../../../../../../test/support/waiting.ts";

const dimension = 16;
/** So small that a few hundred vectors are trained with, moved and saved. */
const few = { flatLimit: 20, tailLimit: 60, slice: 1, saveAfter: 40, restAfter: 10, trainAt: 50, listSize: 8 };
const thresholds = { ...few, walkShare: Infinity };
const lists = { type: "ivf", nlist: null, nprobe: null } as const;
const graph = { type: "hnsw", m: 16, ef_construction: 64, ef: 64, quantization: "i8" } as const;

describe("A library in lists", () => {
  const random = seededRandom(31);
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;
  let log: string[];
  let vectors: Map<string, Float32Array<ArrayBuffer>>;

  const open = async (from = directory) => {
    log = [];
    store = await EmbeddedStore.open({
      directory: from,
      thresholds,
      onLog: (_level, message, { why }) => log.push(typeof why === "string" ? why : message),
    });
  };
  const reopen = async () => {
    await store.close();
    await open();
  };
  const files = async () =>
    (await readdir(join(directory, "indexes"))).filter((name) => !name.startsWith("catalog")).toSorted();
  const indexNow = async () => (await store.libraries.statistics(libraryId)).index;
  const idle = async () => {
    await eventually(async () => !(await store.statistics.isMigrating()) && !(await indexNow()).rebuilding);
  };

  /** A rebuild for this reason has begun, and ended. */
  const rebuilt = async (why: string) => {
    await eventually(() => expect(log).toContain(why), { within: 10_000 });
    await idle();
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    vectors = new Map();
    await open();
    const settings = { name: "L", description: null, embeddingModel: "none", dimension, events: defaultEventSettings };
    libraryId = (await store.libraries.create({ ...settings, index: lists })).id;
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function fill(from: number, to: number): Promise<void> {
    const documents = Array.from({ length: to - from }, (_each, index) => {
      const chunk = newChunk({ vector: randomUnitVector(dimension, random) });
      vectors.set(uuidOf(from + index), chunk.vector);
      return newDocument({ id: uuidOf(from + index), chunks: [chunk] });
    });
    for (const outcome of await store.documents.write(libraryId, documents)) valueOf(outcome);
  }

  async function remove(from: number, to: number): Promise<void> {
    for (let number = from; number < to; number++) {
      await store.documents.delete(libraryId, uuidOf(number));
      vectors.delete(uuidOf(number));
    }
  }

  /** Every chunk is there once, with its true distance, and is the nearest to itself. */
  async function expectWhole(): Promise<void> {
    const query = randomUnitVector(dimension, random);
    const { hits } = await store.searches.search(libraryId, { vector: query, k: 1000 });
    expect(hits.map(({ document_id }) => document_id).toSorted()).toEqual([...vectors.keys()].toSorted());
    for (const { document_id, distance } of hits) {
      expect(distance).toBeCloseTo(cosineDistance(query, vectors.get(document_id) ?? []), 5);
    }
    for (const [id, vector] of [...vectors].slice(0, 40)) {
      expect((await store.searches.search(libraryId, { vector, k: 1 })).hits[0]?.document_id).toBe(id);
    }
  }

  it("is compared one and all until there is enough to train with, and again when little is left", async () => {
    await fill(0, 49);
    await idle();
    expect([await files(), await indexNow()]).toMatchObject([[], { kind: "ivf", chunks: 49, pending: 0 }]);
    const query = randomUnitVector(dimension, random);
    expect(await store.searches.search(libraryId, { vector: query, k: 3 })).toMatchObject({ exact: true });
    await fill(49, 100);
    await rebuilt("it is large enough for lists");
    expect(await files()).toEqual([expect.stringMatching(/\.ivf$/)]);
    await expectWhole();
    await fill(100, 450);
    await rebuilt("much was added since its lists were made");
    expect(await files()).toHaveLength(1);
    await expectWhole();
    await remove(0, 420);
    await rebuilt("many of its vectors were deleted");
    await eventually(async () => expect(await files()).toEqual([]), { within: 10_000 });
    await expectWhole();
  });

  it("is there again after a stop, with what was written and deleted since", async () => {
    await fill(0, 200);
    await idle();
    const [rows] = await files();
    await reopen();
    await expectWhole();
    await fill(200, 230);
    await remove(0, 20);
    await expectWhole();
    await reopen();
    await expectWhole();
    expect([log, await files()]).toEqual([[], [rows]]);
    await store.close();
    expect(await files()).toEqual([rows, rows?.replace(".ivf", ".lists")]);
    await open();
  });

  it("catches up where its files are older than the tables", async () => {
    await fill(0, 200);
    await idle();
    await store.close();
    await cp(join(directory, "indexes"), join(directory, "kept"), { recursive: true });
    await open();
    await fill(200, 240);
    await remove(0, 40);
    await store.close();
    await rm(join(directory, "indexes"), { recursive: true });
    await rename(join(directory, "kept"), join(directory, "indexes"));
    await open();
    await expectWhole();
    expect(log).toEqual([]);
  });

  it("is made anew after a crash, as its file is then between two states", async () => {
    await fill(0, 200);
    await idle();
    await reopen();
    await expectWhole();
    await fill(200, 210);
    const crashed = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    await cp(directory, crashed, { recursive: true });
    await store.close();
    await rm(directory, { recursive: true });
    directory = crashed;
    await open();
    await expectWhole();
    await idle();
    expect([log, await files()]).toEqual([["there is no saved index"], [expect.stringMatching(/\.ivf$/)]]);
    await expectWhole();
  });

  const catalogue = (sql: string) => {
    const database = new DatabaseSync(join(directory, "indexes", "catalog.sqlite"));
    database.exec(sql);
    database.close();
  };
  const fileNamed = async (suffix: string) =>
    join(directory, "indexes", (await files()).find((name) => name.endsWith(suffix)) ?? "");
  const damages: Readonly<Record<string, () => void | Promise<void>>> = {
    "were made with other settings": () => catalogue("UPDATE snapshots SET format = 'another'"),
    "have another size": () => catalogue("UPDATE snapshots SET size = size - 1"),
    "are said to have finer codes": () =>
      catalogue("UPDATE snapshots SET details = json_set(details, '$.widest', 0.000001)"),
    "are not told of whole": () => catalogue("UPDATE snapshots SET details = '{}'"),
    "have another checksum": () => catalogue("UPDATE files SET checksum = checksum + 1 WHERE checksum IS NOT NULL"),
    "are missing": async () => rm(await fileNamed(".ivf")),
    "were cut short": async () => truncate(await fileNamed(".ivf"), 100),
    "have other keys": async () => writeFile(await fileNamed(".lists"), "These are no lists at all"),
  };
  for (const [name, damage] of Object.entries(damages)) {
    it(`is made anew where its lists ${name}`, async () => {
      await fill(0, 150);
      await idle();
      await store.close();
      await damage();
      await open();
      await expectWhole();
      await idle();
      expect(log).toEqual(["a saved index cannot be used; rebuilding it", "there is no saved index"]);
      await reopen();
      await expectWhole();
      expect([log, await files()]).toEqual([[], [expect.stringMatching(/\.ivf$/)]]);
    });
  }

  /** Overwrites parts of the file of codes with others, each other part of 64 bytes. */
  async function damageRows(): Promise<void> {
    const path = await fileNamed(".ivf");
    const { size } = await stat(path);
    const file = await openFile(path, "r+");
    for (let at = 0; at < size; at += 128) {
      const noise = Int8Array.from({ length: Math.min(64, size - at) }, () => Math.round(random() * 254 - 127));
      await file.write(noise, 0, noise.length, at);
    }
    await file.close();
  }

  /** What says that it is exact is so, with and without a filter. */
  async function expectHonest(): Promise<void> {
    for (let round = 0; round < 40; round++) {
      const vector = randomUnitVector(dimension, random);
      const filter = round % 2 === 0 ? undefined : { title: "A title" };
      const { hits, exact } = await store.searches.search(libraryId, { vector, k: 5, filter, exact: round % 3 === 0 });
      const right = [...vectors]
        .map(([id, own]) => ({ id, distance: cosineDistance(vector, own) }))
        .toSorted((a, b) => a.distance - b.distance);
      if (round % 3 === 0) expect(exact).toBe(true);
      if (exact) expect(hits.map(({ document_id }) => document_id)).toEqual(right.slice(0, 5).map(({ id }) => id));
    }
  }

  it("proves nothing by a file of codes that was damaged while it was closed, and is made anew", async () => {
    await fill(0, 400);
    await idle();
    await store.close();
    await damageRows();
    await open();
    await expectHonest();
    expect(log.slice(0, 2)).toEqual(["an index failed and will be rebuilt", "there is no saved index"]);
    await idle();
    await expectHonest();
    await expectWhole();
  });

  it("proves nothing by a file of codes that is damaged while it is in use, whatever is written then", async () => {
    await fill(0, 400);
    await idle();
    await expectHonest();
    log.length = 0;
    await damageRows();
    await remove(0, 30);
    await fill(400, 420);
    await expectHonest();
    expect(log).toContain("an index failed and will be rebuilt");
    await idle();
    await expectWhole();
  });

  it("is gone at once when it is deleted, used or not", async () => {
    await fill(0, 100);
    await idle();
    await reopen();
    await store.libraries.delete(libraryId);
    expect(await files()).toEqual([]);
    libraryId = (
      await store.libraries.create({
        name: "L",
        description: null,
        embeddingModel: "none",
        dimension,
        index: lists,
        events: defaultEventSettings,
      })
    ).id;
    vectors.clear();
    await fill(0, 100);
    await idle();
    await expectWhole();
    await store.libraries.delete(libraryId);
    expect(await files()).toEqual([]);
  });

  it("looks at as many lists as is asked for without being made anew, and has as many as is asked for", async () => {
    await fill(0, 200);
    await idle();
    log.length = 0;
    await store.libraries.update(libraryId, { index: { ...lists, nprobe: 2 } });
    await idle();
    await expectWhole();
    expect(log).toEqual([]);
    await store.libraries.update(libraryId, { index: { ...lists, nlist: 5 } });
    await rebuilt("its settings were changed");
    await expectWhole();
  });

  it("changes to a graph and back without losing a hit, whatever is written in the meantime", async () => {
    await fill(0, 300);
    await idle();
    let next = 300;
    const turns: readonly IndexSettings[] = [graph, lists, { type: "flat" }, lists, graph, lists];
    for (const index of turns) {
      await store.libraries.update(libraryId, { index });
      do {
        await fill(next, next + 5);
        await remove(next - 300, next - 295);
        next += 5;
        await expectWhole();
      } while ((await indexNow()).kind !== index.type);
      await idle();
      expect(await indexNow()).toMatchObject({ kind: index.type, chunks: vectors.size });
      await expectWhole();
    }
    await reopen();
    await expectWhole();
    expect((await files()).filter((name) => name.endsWith(".ivf"))).toHaveLength(1);
  });
});
