import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { schemaVersion } from "../../server/src/store/embedded/tables/migrations.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";

/**
 * Databases as the arrwDB of their time wrote them: a library of two documents, after a third one was deleted. A schema that
 * is released adds its file; none ever changes.
 */
const fixtures = new URL("../fixtures/", import.meta.url);
const versionOf = (file: string) => Number(/^schema-(\d+)\.sqlite\.gz$/.exec(file)?.[1]);
const files = (await readdir(fixtures)).filter((file) => versionOf(file) > 0);
const page = { limit: 10 };

let store: EmbeddedStore | undefined;
let directory = "";
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await store?.close();
  store = undefined;
});

async function upgraded(file: string): Promise<EmbeddedStore> {
  const path = join(directory, "arrwdb.sqlite");
  await writeFile(path, gunzipSync(await readFile(new URL(file, fixtures))));
  const database = new DatabaseSync(path);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: versionOf(file) });
  database.close();
  store = await EmbeddedStore.open({ directory });
  return store;
}

it("has a database of each schema before this one", () => {
  expect(files.map(versionOf).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: schemaVersion - 1 }, (_each, index) => index + 1),
  );
});

describe.each(files)("%s", (file) => {
  it("keeps its documents, events and searches under this schema", async () => {
    const { libraries, documents, searches, events } = await upgraded(file);
    const [library] = (await libraries.list(page)).items;
    expect(library).toMatchObject({ name: "Kept", dimension: 4, num_documents: 2, num_chunks: 3, seq: 5 });
    const id = library?.id ?? "";

    const kept = await documents.list(id, page);
    expect(kept.items.map(({ title }) => title)).toEqual(["Whales", "Bridges"]);
    const whales = await documents.get(id, kept.items[0]?.id ?? "", { vectors: true });
    expect(whales.document).toMatchObject({
      title_generated: false,
      author: "A. Author",
      tags: ["kept"],
      metadata: { year: 2020, topic: "whales" },
      chunks: [{ text: "Whales sing in the deep ocean.", page_number: 1, metadata: { part: 0 } }, { page_number: 2 }],
    });

    const vector = Float32Array.of(1, 0, 0, 0);
    const near = await searches.search(id, { vector, k: 10, filter: { topic: "whales" } });
    expect(near).toMatchObject({ exact: true, seq: 5 });
    expect(near.hits.map(({ text }) => text)).toEqual(["Whales sing in the deep ocean.", "They breathe air."]);
    const words = await searches.search(id, { mode: "text", text: "river bridge", k: 10 });
    expect(words.hits.map(({ text }) => text)).toEqual(["Bridges carry roads over rivers."]);

    const { events: log } = await events.read(id, { afterSeq: 0, limit: 10 });
    expect(log.map(({ seq, type }) => [seq, type])).toEqual([
      [1, "library.created"],
      [2, "document.added"],
      [3, "document.added"],
      [4, "document.added"],
      [5, "document.deleted"],
    ]);
    for (const { data } of log.slice(1)) expect(data).toHaveProperty("title_generated", false);
  });

  it("goes on at the next position, and forgets nothing when it is opened again", async () => {
    const first = await upgraded(file);
    const [library] = (await first.libraries.list(page)).items;
    const id = library?.id ?? "";
    const bridges = (await first.documents.list(id, page)).items[1]?.id ?? "";
    expect(await first.documents.delete(id, bridges)).toBe(6);
    await first.close();
    store = await EmbeddedStore.open({ directory });
    expect(await store.libraries.get(id)).toMatchObject({ num_documents: 1, num_chunks: 2, seq: 6 });
    const left = await store.searches.search(id, { vector: Float32Array.of(0, 1, 0, 0), k: 10 });
    expect(left.hits.map(({ document }) => document.title)).toEqual(["Whales", "Whales"]);
  });
});
