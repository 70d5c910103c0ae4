import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newChunk, newDocument, uuidOf } from "../../../../../test/conformance/store-fixture.ts";
import { eventually } from "../../../../../test/support/waiting.ts";
import { EmbeddedStore } from "../embedded-store.ts";

/** Documents, each of whose rows and events takes several pages. */
const documents = 400;
const metadata = { about: "x".repeat(50_000) };
const megabytes = 1024 * 1024;

describe("Space that is free", () => {
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;
  /** Bytes of the database file with everything in it. */
  let whole: number;

  const size = async () => (await store.statistics.disk()).database;
  const free = async () => (await store.statistics.writing()).free;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    store = await EmbeddedStore.open({ directory, retentionInterval: 50 });
    const settings = { name: "L", description: null, embeddingModel: "none", dimension: 2 };
    libraryId = (await store.libraries.create({ ...settings, events: defaultEventSettings })).id;
    for (let number = 1; number <= documents; number++) {
      await store.documents.write(libraryId, [
        newDocument({ id: uuidOf(number), metadata, chunks: [newChunk({ vector: Float32Array.of(1, 0) })] }),
      ]);
    }
    whole = await size();
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("is given back to the disk when events have expired", async () => {
    expect(whole).toBeGreaterThan(30 * megabytes);
    await store.libraries.update(libraryId, { events: { max_count: 1 } });
    await eventually(async () => (await size()) < whole * 0.7, { describe: "the file to become shorter" });
    expect(await free()).toBeLessThan(8 * megabytes);
  });

  it("is given back when documents were deleted", async () => {
    for (let number = 1; number <= documents; number++) await store.documents.delete(libraryId, uuidOf(number));
    await eventually(async () => (await size()) < whole * 0.3, { describe: "the file to become shorter" });
    expect(await free()).toBeLessThan(8 * megabytes);
  });
});
