import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  dimension,
  newChunk,
  newDocument,
  randomVector,
  uuidOf,
  valueOf,
} from "../../../../../test/conformance/store-fixture.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { eventually } from "../../../../../test/support/waiting.ts";

/** So small that a few hundred vectors make a graph that is saved several times. */
const thresholds = { flatLimit: 20, tailLimit: 60, slice: 16, saveAfter: 40, restAfter: 10, walkShare: Infinity };

describe("A saved graph", () => {
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;
  let log: string[];

  const open = () => EmbeddedStore.open({ directory, thresholds, onLog: (_level, message) => log.push(message) });
  const files = async () =>
    (await readdir(join(directory, "indexes"))).filter((name) => !name.startsWith("catalog")).toSorted();
  /** Graphs are saved some time after the last request. */
  const saved = (numFiles: number, other: readonly string[] = []) =>
    eventually(
      async () => {
        const found = await files();
        expect(found).toHaveLength(numFiles);
        expect(found).not.toEqual(other);
        return found;
      },
      { within: 10_000 },
    );
  const createLibrary = async () =>
    (
      await store.libraries.create({
        name: "L",
        description: null,
        embeddingModel: "none",
        dimension,
        events: defaultEventSettings,
      })
    ).id;

  beforeEach(async () => {
    log = [];
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    store = await open();
    libraryId = await createLibrary();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function fill(from: number, to: number): Promise<void> {
    const documents = Array.from({ length: to - from }, (_each, index) => newDocument({ id: uuidOf(from + index) }));
    for (const outcome of await store.documents.write(libraryId, documents)) valueOf(outcome);
  }

  const idle = async () => {
    await eventually(async () => !(await store.statistics.isMigrating()));
  };

  /** Every chunk is there, and each is the nearest to itself. */
  async function expectWhole(count: number): Promise<void> {
    const { hits } = await store.searches.search(libraryId, { vector: randomVector(), k: 1000 });
    expect(new Set(hits.map(({ document_id }) => document_id)).size).toBe(count);
    const chunk = newChunk();
    await store.documents.write(libraryId, [newDocument({ id: uuidOf(9_999), chunks: [chunk] })]);
    const [nearest] = (await store.searches.search(libraryId, { vector: chunk.vector, k: 1 })).hits;
    expect(nearest?.document_id).toBe(uuidOf(9_999));
    await store.documents.delete(libraryId, uuidOf(9_999));
  }

  async function change(sql: string): Promise<void> {
    await store.close();
    const database = new DatabaseSync(join(directory, "indexes", "catalog.sqlite"));
    database.exec(sql);
    database.close();
    log = [];
    store = await open();
  }

  it("is saved while the store runs, and replaces the one before", async () => {
    await fill(0, 100);
    await idle();
    const first = await saved(2);
    await fill(100, 300);
    await idle();
    expect(await saved(2, first)).not.toContain(first[0]);
  });

  it("is gone with its library at once", async () => {
    await fill(0, 100);
    await idle();
    await saved(2);
    await store.libraries.delete(libraryId);
    expect(await files()).toEqual([]);
    libraryId = await createLibrary();
    await fill(0, 10);
    await expectWhole(10);
  });

  it("that cannot be saved does no harm, and is not tried again and again", async () => {
    const away = join(directory, "away");
    await rename(join(directory, "indexes"), away);
    await fill(0, 200);
    await idle();
    const warnings = log.length;
    expect(warnings).toBeGreaterThan(0);
    expect(warnings).toBeLessThan(6);
    await expectWhole(200);
    await rename(away, join(directory, "indexes"));
    await fill(200, 300);
    await idle();
    await saved(2);
  });

  it("that nothing leads to is removed at the start", async () => {
    await fill(0, 100);
    await idle();
    await store.close();
    const own = await files();
    for (const name of ["stray.usearch", `${own[0]}.tmp`]) await writeFile(join(directory, "indexes", name), "stray");
    log = [];
    store = await open();
    expect(await files()).toEqual(own);
    await expectWhole(100);
    expect(log).toEqual([]);
  });

  const misfits = {
    "was made with other settings": "UPDATE snapshots SET format = 'another'",
    "has another size": "UPDATE snapshots SET size = size - 1",
    "has another checksum": "UPDATE files SET checksum = checksum + 1 WHERE place = 0",
    "has other codes": "UPDATE files SET checksum = checksum + 1 WHERE place = 1",
    "is named wrongly": "UPDATE files SET file = 'nowhere' WHERE place = 0",
    "is not known of": "DELETE FROM snapshots",
  };
  for (const [name, sql] of Object.entries(misfits)) {
    it(`that ${name} is made again from the tables`, async () => {
      await fill(0, 150);
      await idle();
      await change(sql);
      await expectWhole(150);
      expect(log).toContain("rebuilding an index");
      await idle();
      await store.close();
      log = [];
      store = await open();
      await expectWhole(150);
      expect(log).toEqual([]);
    });
  }

  it("is read for a library that is only written to", async () => {
    await fill(0, 150);
    await idle();
    await store.close();
    log = [];
    store = await open();
    await fill(150, 160);
    await store.documents.delete(libraryId, uuidOf(3));
    await expectWhole(159);
    expect(log).toEqual([]);
  });
});
