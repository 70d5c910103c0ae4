import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiveQueryRecorder } from "../../../../../test/conformance/live/live-query-recorder.ts";
import {
  codeOf,
  dimension,
  newChunk,
  newDocument,
  randomVector,
  valueOf,
} from "../../../../../test/conformance/store-fixture.ts";
import { eventually } from "../../../../../test/support/waiting.ts";
import { EmbeddedStore, type EmbeddedStoreOptions } from "../../embedded/embedded-store.ts";

describe("The embedded store's live queries", () => {
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;

  const open = async (options: Partial<EmbeddedStoreOptions> = {}) => {
    store = await EmbeddedStore.open({ directory, ...options });
    const library = { name: "L", description: null, embeddingModel: "none", dimension, events: defaultEventSettings };
    libraryId = (await store.libraries.create(library)).id;
  };
  const watch = (k = 1, vector = randomVector()) => LiveQueryRecorder.watch(store, libraryId, { vector, k });
  const write = async (...vectors: readonly Float32Array<ArrayBuffer>[]) => {
    const chunks = vectors.map((vector) => newChunk({ vector }));
    const [outcome] = await store.documents.write(libraryId, [newDocument({ chunks })]);
    return valueOf(outcome).document;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("are bounded in their number, and make room where one ends or its library does", async () => {
    await open({ liveQueries: 3 });
    const { id: other } = await store.libraries.create({
      name: "Other",
      description: null,
      embeddingModel: "none",
      dimension,
      events: defaultEventSettings,
    });
    const [first] = await Promise.all([watch(), watch()]);
    await store.searches.watch(other, { vector: randomVector(), k: 1 }, () => undefined);
    expect(await codeOf(watch())).toBe("overloaded");
    first.end();
    expect(await Promise.all([watch(), watch()].map(codeOf))).toEqual([undefined, "overloaded"]);
    await store.libraries.delete(other);
    expect(await Promise.all([watch(), watch()].map(codeOf))).toEqual([undefined, "overloaded"]);
  });

  it("let the main thread do something else every few of them that are told", async () => {
    await open();
    let turns = 0;
    let isOver = false;
    const countTurns = () => {
      turns++;
      if (!isOver) setImmediate(countTurns);
    };
    const perTurn = new Map<number, number>();
    const listen = () => {
      perTurn.set(turns, (perTurn.get(turns) ?? 0) + 1);
      for (const end = performance.now() + 1; performance.now() < end;);
    };
    const count = 200;
    const vector = randomVector();
    await Promise.all(Array.from({ length: count }, () => store.searches.watch(libraryId, { vector, k: 1 }, listen)));
    countTurns();
    await write(vector);
    await eventually(() => perTurn.values().reduce((sum, told) => sum + told, 0) === count, {
      describe: "all to be told",
    });
    isOver = true;
    expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(2);
  });

  it("make writers wait where they are too slow, and nobody else", async () => {
    await open();
    const standing = await Promise.all(Array.from({ length: 1_500 }, () => watch(2)));
    const { id: other } = await store.libraries.create({
      name: "Other",
      description: null,
      embeddingModel: "none",
      dimension,
      events: defaultEventSettings,
    });
    const vectors = Array.from({ length: 1_500 }, randomVector);
    const writes = Array.from({ length: 8 }, () => write(...vectors));
    const reads = [
      store.documents.write(other, [newDocument()]),
      store.searches.search(libraryId, { vector: randomVector(), k: 1 }),
      watch(2),
    ];
    await Promise.all(reads);
    const documents = await Promise.all(writes);
    expect(documents.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    await Promise.all(documents.slice(1).map(({ id }) => store.documents.delete(libraryId, id)));
    // The first document's chunks are the first of those that are equally far, so they are what is left.
    for (const each of standing) {
      await each.until(({ hits }) => hits.length === 2 && hits.every((hit) => hit.document_id === documents[0]?.id));
    }
  });

  it("keep nobody waiting when the store closes: writers that wait for them are refused, what is acknowledged stays", async () => {
    await open();
    const standing = await Promise.all(Array.from({ length: 1_500 }, () => watch()));
    const vectors = Array.from({ length: 1_500 }, randomVector);
    const writes = Array.from({ length: 20 }, () => write(...vectors));
    await Promise.race(writes);
    const late = codeOf(watch());
    const outcomes = writes.map(codeOf);
    await store.close();

    const codes = await Promise.all(outcomes);
    const acknowledged = codes.indexOf("shutting_down");
    expect(acknowledged).toBeGreaterThan(0);
    expect(codes.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, () => undefined));
    expect(codes.slice(acknowledged)).toEqual(
      Array.from({ length: writes.length - acknowledged }, () => "shutting_down"),
    );
    expect([undefined, "shutting_down"]).toContain(await late);

    const calls = () => standing.reduce((sum, { states }) => sum + states.length, 0);
    const before = calls();
    expect(await codeOf(watch())).toBe("shutting_down");
    await store.close();
    expect(calls()).toBe(before);

    store = await EmbeddedStore.open({ directory });
    expect(await store.libraries.get(libraryId)).toMatchObject({ num_documents: acknowledged, seq: 1 + acknowledged });
  });

  it("end with an error where their hits become more than one answer may hold", async () => {
    await open();
    const [two, one] = await Promise.all([watch(2), watch(1)]);
    const large = (text: string) =>
      store.documents.write(libraryId, [newDocument({ chunks: [newChunk({ text: text.repeat(40_000_000) })] })]);
    await large("a");
    await two.until(({ hits }) => hits.length === 1);
    await large("b");
    expect(await two.failure()).toMatchObject({ code: "answer_too_large", field: "k" });
    expect(await codeOf(watch(2))).toBe("answer_too_large");
    const found = await store.searches.search(libraryId, one.search);
    await one.until(({ hits }) => hits[0]?.chunk_id === found.hits[0]?.chunk_id);
    expect((await watch(1)).first.hits).toHaveLength(1);
    expect([two.states.length, one.error]).toEqual([2, undefined]);
  });

  it("end the store, in order, when their thread ends", async () => {
    const ended = Promise.withResolvers<Error>();
    const liveWorker = new URL("../../../../../test/support/faults/ending-live-worker.ts", import.meta.url);
    await open({ liveWorker, onEnd: ended.resolve });
    const { id } = await write(randomVector());
    expect(await codeOf(watch())).toBe("storage_failed");
    expect(await ended.promise).toMatchObject({
      code: "storage_failed",
      cause: expect.objectContaining({ message: "This thread ends with the first search" }),
    });
    expect(await codeOf(store.libraries.get(libraryId))).toBe("storage_failed");
    expect(await codeOf(watch())).toBe("storage_failed");
    await store.close();
    const written = libraryId;
    await open();
    expect((await store.documents.get(written, id)).document.id).toBe(id);
  });
});
