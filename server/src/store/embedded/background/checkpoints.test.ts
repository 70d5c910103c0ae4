import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newChunk, newDocument, range, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { eventually } from "../../../../../test/support/waiting.ts";
import { databaseFile, openReader } from "../../engine/rows/database-reader.ts";
import { openDatabase } from "../tables/database.ts";
import { EmbeddedStore } from "../embedded-store.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type Folded, LogFolding } from "../../engine/rows/write-ahead-log.ts";

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
    libraryId = (await store.libraries.create({ ...settings, dimension })).id;
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** A document takes about 140 kB. */
  async function write(count: number): Promise<void> {
    const chunks = () => range(1, 32).map(() => newChunk({ vector: randomUnitVector(dimension, random) }));
    for (let number = 0; number < count; number++) {
      const [outcome] = await store.documents.write(libraryId, [newDocument({ chunks: chunks() })]);
      valueOf(outcome);
    }
  }

  function look(): Folded {
    const database = openReader(directory);
    const looked = new LogFolding(database).look();
    database.close();
    return looked;
  }

  const logPages = () => look().pages;
  /** How many pages are in the log alone. */
  const unfolded = () => look().pages - look().folded;

  it("is folded beside what is written, so that it begins anew", async () => {
    await write(150);
    await eventually(() => unfolded() < 1_000, { describe: "the log to be folded" });
    // All that was written takes 21 MB.
    await eventually(
      async () => {
        await write(1);
        return logPages() < 1_000;
      },
      { describe: "the log to begin anew" },
    );
    const { num_documents: documents } = await store.libraries.get(libraryId);
    await store.close();
    store = await EmbeddedStore.open({ directory });
    expect(documents).toBeGreaterThan(150);
    expect((await store.libraries.get(libraryId)).num_documents).toBe(documents);
  }, 120_000);

  it("is kept for whoever reads an old state, and folded when nobody does any more", async () => {
    const reader = openReader(directory);
    reader.exec("BEGIN");
    const before = reader.prepare("SELECT count(*) AS chunks FROM chunks").get();
    await write(130);
    expect(unfolded()).toBeGreaterThan(1_000);
    expect(reader.prepare("SELECT count(*) AS chunks FROM chunks").get()).toEqual(before);
    reader.close();
    await eventually(
      async () => {
        await write(1);
        return unfolded() < 1_000;
      },
      { describe: "the log to be short" },
    );
  }, 120_000);
});

describe("Folding the log", () => {
  let directory: string;
  let database: DatabaseSync;
  let folding: LogFolding;
  let checkpoints: Checkpoints;
  let released: number;
  const logged: string[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    database = openDatabase(directory);
    database.exec("CREATE TABLE pages (content BLOB)");
    folding = new LogFolding(database);
    checkpoints = checkpointsOf(directory);
    logged.length = 0;
  });
  afterEach(async () => {
    vi.useRealTimers();
    await new Promise<void>((resolve) => checkpoints.close(resolve));
    database.close();
    await rm(directory, { recursive: true, force: true });
  });

  function checkpointsOf(where: string): Checkpoints {
    released = 0;
    return new Checkpoints({
      database,
      directory: where,
      log: (level, message) => logged.push(`${level}: ${message}`),
      released: () => released++,
    });
  }

  /** Writes so many pages in one commit. */
  function commit(pages: number): void {
    const insert = database.prepare("INSERT INTO pages (content) VALUES (zeroblob(16000))");
    database.exec("BEGIN");
    for (let page = 0; page < pages; page++) insert.run();
    database.exec("COMMIT");
    checkpoints.work();
  }

  const unfolded = () => folding.look().pages - folding.look().folded;

  it("is done in no commit", () => {
    const { wal_autocheckpoint: pages } = database.prepare("PRAGMA wal_autocheckpoint").get() ?? {};
    expect(pages).toBe(0);
  });

  it("comes to an end where a large commit is always made meanwhile", async () => {
    let longest = 0;
    for (let commits = 0; commits < 100;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (checkpoints.holdsWrites) continue;
      commit(100);
      commits++;
      longest = Math.max(longest, folding.look().pages);
    }
    expect(longest).toBeLessThan(6_000);
    expect(released).toBeGreaterThan(0);
  }, 120_000);

  it("is left to its thread however much there is when who read an old state has gone", async () => {
    const reader = openReader(directory);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM pages").get();
    for (let commits = 0; commits < 60; commits++) commit(100);
    expect(unfolded()).toBeGreaterThan(5_000);
    reader.close();
    await eventually(
      () => {
        const before = unfolded();
        checkpoints.work();
        expect(unfolded()).toBe(before);
        return before === 0;
      },
      { describe: "the log to be folded" },
    );
  }, 120_000);

  it("is tried again where it failed, and is told of once", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const missing = join(directory, "missing");
    checkpoints = checkpointsOf(missing);
    commit(2_000);
    const warning = "warn: the write-ahead log could not be checkpointed";
    await eventually(() => logged.length > 0, { describe: "the failure to be told" });
    expect(checkpoints.holdsWrites).toBe(false);
    await mkdir(missing);
    await symlink(join(directory, databaseFile), join(missing, databaseFile));
    commit(1);
    expect(unfolded()).toBeGreaterThan(2_000);
    expect(checkpoints.holdsWrites).toBe(false);
    commit(40);
    // What is written now could take the space that the database needs.
    expect(checkpoints.holdsWrites).toBe(true);
    await eventually(
      () => {
        checkpoints.work();
        return unfolded() === 0;
      },
      { describe: "the log to be folded" },
    );
    await eventually(() => logged.length > 1, { describe: "that to be told" });
    expect(checkpoints.holdsWrites).toBe(false);
    expect(logged).toEqual([warning, "info: the write-ahead log is checkpointed again"]);
  }, 120_000);
});
