import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { DatabaseSync } from "node:sqlite";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  codeOf,
  dimension,
  newChunk,
  newDocument,
  randomVector,
  uuidOf,
  valueOf,
} from "../../../../test/conformance/store-fixture.ts";
import { EmbeddedStore, type EmbeddedStoreOptions } from "./embedded-store.ts";
import { eventually } from "../../../../test/support/waiting.ts";

describe("When something fails, the embedded store", () => {
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;

  const open = (options: Partial<EmbeddedStoreOptions> = {}) => EmbeddedStore.open({ directory, ...options });
  const reopen = async (options: Partial<EmbeddedStoreOptions> = {}) => {
    await store.close();
    store = await open(options);
  };
  const createLibrary = () =>
    store.libraries.create({
      name: "L",
      description: null,
      embeddingModel: "none",
      dimension,
      events: defaultEventSettings,
    });
  const write = (...titles: readonly string[]) =>
    store.documents.write(
      libraryId,
      titles.map((title) => newDocument({ title })),
    );
  const titles = async () =>
    (await store.searches.search(libraryId, { vector: randomVector(), k: 1000 })).hits
      .map(({ document }) => document.title)
      .toSorted();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    store = await open();
    libraryId = (await createLibrary()).id;
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Changes the database file while no store has it. */
  async function change(sql: string): Promise<void> {
    await store.close();
    const database = new DatabaseSync(join(directory, "arrwdb.sqlite"));
    database.exec(sql);
    database.close();
    store = await open();
  }

  const poisons = {
    "a row": "SELECT RAISE(ABORT, 'poison')",
    // A deferred constraint is looked at by COMMIT alone.
    "the commit": "INSERT INTO children VALUES (1)",
  };
  for (const [refused, action] of Object.entries(poisons)) {
    it(`leaves nothing of a write where the database refuses ${refused}, and hinders no other`, async () => {
      await change(`
        CREATE TABLE parents (key INTEGER PRIMARY KEY);
        CREATE TABLE children (parent INTEGER REFERENCES parents (key) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER poison AFTER INSERT ON documents WHEN NEW.title = 'poison' BEGIN ${action}; END;
      `);
      const events: number[] = [];
      store.events.onCommit((batch) => events.push(...batch.map(({ seq }) => seq)));
      const writes = [write("a"), write("b", "poison", "c"), write("d"), write("poison"), write("e")];
      expect(await Promise.all(writes.map(codeOf))).toEqual([
        undefined,
        "storage_failed",
        undefined,
        "storage_failed",
        undefined,
      ]);
      expect(await titles()).toEqual(["a", "d", "e"]);
      expect(await store.libraries.get(libraryId)).toMatchObject({ seq: 4, num_documents: 3, num_chunks: 3 });
      expect(events).toEqual([2, 3, 4]);
      await reopen();
      expect(await titles()).toEqual(["a", "d", "e"]);
    });
  }

  it("can be emptied when it is full, and takes writes again", async () => {
    const maxBytes = 1_500_000;
    await reopen({ maxBytes });
    const other = await createLibrary();
    const chunks = [newChunk({ text: "x".repeat(20_000) })];
    const fill = async () => {
      for (let number = 0; ; number++) {
        const attempt = store.documents.write(libraryId, [newDocument({ id: uuidOf(number), chunks })]);
        const code = await codeOf(attempt);
        if (code !== undefined) return { code, number };
      }
    };
    const full = await fill();
    expect(full.code).toBe("storage_full");
    expect((await titles()).length).toBe(full.number);
    // What has no room does not keep a deletion that waits beside it from its turn.
    const [large, deleted] = await Promise.allSettled([
      store.documents.write(libraryId, [newDocument({ chunks })]),
      store.documents.delete(libraryId, uuidOf(0)),
    ]);
    expect([large.status, deleted]).toEqual(["rejected", { status: "fulfilled", value: full.number + 2 }]);
    expect(await store.libraries.delete(other.id)).toBe(2);
    for (let number = 1; number < full.number; number++) await store.documents.delete(libraryId, uuidOf(number));
    expect(await store.libraries.get(libraryId)).toMatchObject({ num_documents: 0, num_chunks: 0 });
    expect((await fill()).number).toBeGreaterThan(full.number / 2);
    expect(await store.libraries.delete(libraryId)).toBeGreaterThan(full.number);
    await eventually(async () => !(await store.statistics.writing()).purging);
    libraryId = (await createLibrary()).id;
    expect((await fill()).number).toBeGreaterThan(full.number / 2);
  });

  it("fails what waits and what comes after when its thread ends, and keeps what was committed", async () => {
    await write("kept");
    await store.close();
    const ended = Promise.withResolvers<Error>();
    const worker = new URL("../../../../test/support/faults/ending-store-worker.ts", import.meta.url);
    store = await open({ worker, onEnd: ended.resolve });
    const waiting = [write("lost"), store.libraries.get(libraryId)];
    expect(await Promise.all(waiting.map(codeOf))).toEqual(waiting.map(() => "storage_failed"));
    await expect(store.libraries.get(libraryId)).rejects.toMatchObject({
      code: "storage_failed",
      cause: expect.objectContaining({ message: "This thread ends with the first request" }),
    });
    await expect(store.searches.search(libraryId, { vector: randomVector(), k: 1 })).rejects.toMatchObject({
      code: "storage_failed",
    });
    expect(await ended.promise).toMatchObject({ code: "storage_failed" });
    await store.close();
    store = await open();
    expect(await titles()).toEqual(["kept"]);
  });

  it("tells of a directory that it cannot use", async () => {
    await writeFile(join(directory, "file"), "");
    for (const path of [join(directory, "file"), join(directory, "file", "below")]) {
      await expect(EmbeddedStore.open({ directory: path })).rejects.toMatchObject({
        code: "storage_failed",
        message: expect.stringContaining(path),
      });
    }
  });

  it("lets a thread load its modules before it ends it, as native ones that are cut off end the process", async () => {
    const loaded = join(directory, "loaded");
    const searchWorker = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { writeFileSync } from "node:fs";
        import { parentPort, workerData } from "node:worker_threads";
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
        writeFileSync(${JSON.stringify(loaded)}, "");
        // It lives until it is ended, however long the other thread takes.
        workerData.writer.on("message", () => undefined);
        workerData.writer.on("close", () => parentPort.close());
        parentPort.postMessage({ type: "loaded" });
      `)}`,
    );
    await expect(open({ searchWorker })).rejects.toThrow("in use by another arrwDB");
    expect(existsSync(loaded)).toBe(true);
  });

  it("tells of a database that is none", async () => {
    await store.close();
    for (const file of ["arrwdb.sqlite", "arrwdb.sqlite-wal"])
      await writeFile(join(directory, file), "This is no database. ".repeat(500));
    await expect(open()).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringContaining("not a database"),
    });
  });

  it("takes no more of the documents that wait into one transaction than its bound", async () => {
    const before = await store.statistics.writing();
    const chunks = [newChunk({ text: "x".repeat(4_000_000) })];
    const large = await Promise.all(
      Array.from({ length: 12 }, () => store.documents.write(libraryId, [newDocument({ chunks })])),
    );
    const between = await store.statistics.writing();
    expect(between.commits - before.commits).toBeGreaterThanOrEqual(3);
    const many = Array.from({ length: 32 }, () => newDocument());
    const small = await Promise.all(Array.from({ length: 32 }, () => store.documents.write(libraryId, many)));
    const after = await store.statistics.writing();
    expect(after.commits - between.commits).toBeGreaterThanOrEqual(4);
    expect([...large, ...small].flat().map((settled) => valueOf(settled).created)).not.toContain(false);
  });
});
