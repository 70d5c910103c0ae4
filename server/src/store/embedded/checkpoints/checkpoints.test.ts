import { defaultEventSettings } from "@arrwdb/protocol/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newChunk, newDocument, range, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { randomUnitVector, seededRandom } from "../../../../../test/support/vectors.ts";
import { until } from "../../../../../test/support/waiting.ts";
import { openDatabase, openReader } from "../database.ts";
import { EmbeddedStore } from "../embedded-store.ts";
import { Checkpoints } from "./checkpoints.ts";
import { LogFolding } from "./fold-log.ts";

const dimension = 1_024;
const random = seededRandom(3);

describe("The log of the database", () => {
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    store = await EmbeddedStore.open({ directory });
    const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
    libraryId = (await store.createLibrary({ ...settings, dimension })).id;
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** A document takes about 140 kB. */
  async function write(count: number): Promise<void> {
    const chunks = () => range(1, 32).map(() => newChunk({ vector: randomUnitVector(dimension, random) }));
    for (let number = 0; number < count; number++) {
      const [outcome] = await store.writeDocuments(libraryId, [newDocument({ chunks: chunks() })]);
      valueOf(outcome);
    }
  }

  /** How many pages are in the log alone. */
  function unfolded(): number {
    const database = openReader(directory);
    const { pages, folded } = new LogFolding(database).look();
    database.close();
    return pages - folded;
  }

  const folds = async () =>
    (await store.writerStatistics()).holds.find(({ work }) => work === "checkpoint")?.turns ?? 0;

  it("is folded beside what is written, so that it begins anew", async () => {
    await write(250);
    await until(async () => (await folds()) > 0, "the log to be folded");
    await until(() => unfolded() < 1_000, "the log to be short");
    const { num_documents: documents } = await store.getLibrary(libraryId);
    await store.close();
    store = await EmbeddedStore.open({ directory });
    expect([documents, (await store.getLibrary(libraryId)).num_documents]).toEqual([250, 250]);
  }, 120_000);

  it("is kept for whoever reads an old state, and folded when nobody does any more", async () => {
    const reader = openReader(directory);
    reader.exec("BEGIN");
    const before = reader.prepare("SELECT count(*) AS chunks FROM chunks").get();
    await write(200);
    expect(unfolded()).toBeGreaterThan(1_000);
    expect(reader.prepare("SELECT count(*) AS chunks FROM chunks").get()).toEqual(before);
    reader.close();
    await until(async () => {
      await write(1);
      return unfolded() < 1_000;
    }, "the log to be short");
  }, 120_000);

  it("is folded in no commit", () => {
    const database = openDatabase(directory);
    const ignored = () => undefined;
    new Checkpoints(database, directory, ignored, ignored).work();
    const { wal_autocheckpoint: pages } = database.prepare("PRAGMA wal_autocheckpoint").get() ?? {};
    database.close();
    expect(pages).toBe(0);
  });
});
