import { defaultEventSettings } from "@arrwdb/protocol/model";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import type { Hold } from "../../server/src/store/embedded/turns/hold-meter.ts";
import { newChunk, newDocument } from "../conformance/store-fixture.ts";
import { temporaryDirectory } from "../support/server.ts";
import { randomUnitVector, seededRandom } from "../support/vectors.ts";

const dimension = 8;
const count = 12_000;
const random = seededRandom(30);
const words = Array.from({ length: 500 }, (_each, number) => `w${number.toString(36)}`);
const word = () => words[Math.floor(random() * words.length)] ?? "";

/** Time of the processor in which no kind of work may hold a thread, times what a busy machine and its caches add. */
const longest = 4 * 10;

describe("A large library", () => {
  let directory: string;
  let store: EmbeddedStore;
  let large: string;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    store = await EmbeddedStore.open({ directory });
    large = await newLibrary();
    for (let from = 0; from < count; from += 1_000) {
      await Promise.all(
        Array.from({ length: 20 }, (_each, part) => store.writeDocuments(large, documents(from + part * 50))),
      );
    }
    await vi.waitUntil(async () => !(await store.statistics()).migrating, { timeout: 60_000, interval: 100 });
  }, 180_000);
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function newLibrary(): Promise<string> {
    const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
    return (await store.createLibrary({ ...settings, dimension })).id;
  }

  const documents = (from: number) =>
    Array.from({ length: 50 }, (_each, place) =>
      newDocument({
        metadata: { number: from + place },
        chunks: [
          newChunk({ text: `common ${word()} ${word()} ${word()}`, vector: randomUnitVector(dimension, random) }),
        ],
      }),
    );

  /** What holds of the writing thread came about while something happened. */
  async function writing(happen: () => Promise<unknown>): Promise<ReadonlyMap<string, Hold>> {
    const before = new Map((await store.writerStatistics()).holds.map((hold) => [hold.work, hold]));
    await happen();
    const { holds } = await store.writerStatistics();
    return new Map(
      holds.map((hold) => {
        const { turns = 0, processor = 0 } = before.get(hold.work) ?? {};
        return [hold.work, { ...hold, turns: hold.turns - turns, processor: hold.processor - processor }];
      }),
    );
  }

  it("is removed in short turns, between which others read and write", async () => {
    const other = await newLibrary();
    let reads = 0;
    const holds = await writing(async () => {
      await store.deleteLibrary(large);
      do {
        await store.getLibrary(other);
        reads++;
      } while ((await store.writerStatistics()).purging);
    });
    const purge = holds.get("purge");
    expect(purge?.turns).toBeGreaterThan(50);
    expect(purge?.longestProcessor).toBeLessThan(longest);
    // As many as there were turns, give or take those between which both came at once.
    expect(reads).toBeGreaterThan((purge?.turns ?? Infinity) / 10);
  });
});
