import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import type { NewDocument } from "../../server/src/store/document-store.ts";
import type { Hold } from "../../server/src/scheduling/hold-meter.ts";
import { newChunk, newDocument, range, uuidOf } from "../conformance/store-fixture.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { eventually, within } from "../support/waiting.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";

const dimension = 8;
const count = 12_000;
const random = seededRandom(30);
const words = Array.from({ length: 500 }, (_each, number) => `w${number.toString(36)}`);
const word = () => words[Math.floor(random() * words.length)] ?? "";

/** Time of the processor in which no kind of work may hold a thread, times what a busy machine and its caches add. */
const longest = 3 * 10;

describe("A large library", () => {
  let directory: string;
  let store: EmbeddedStore;
  let large: string;
  /** Bytes of the database file with the large library. */
  let whole: number;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    store = await EmbeddedStore.open({ directory });
    large = await newLibrary();
    for (let from = 0; from < count; from += 1_000) {
      await Promise.all(
        Array.from({ length: 20 }, (_each, part) => store.documents.write(large, documents(from + part * 50))),
      );
    }
    await vi.waitUntil(async () => !(await store.statistics.isMigrating()), { timeout: 60_000, interval: 100 });
  }, 180_000);
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function newLibrary(): Promise<string> {
    const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
    return (await store.libraries.create({ ...settings, dimension })).id;
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

  type Thread = "writing" | "search";
  const holdsOf = async (thread: Thread) =>
    (thread === "writing" ? await store.statistics.writing() : await store.statistics.searching()).holds;

  /** How often each kind of work had a thread while something happened; the longest times are those since the start. */
  async function holds(thread: Thread, happen: () => Promise<unknown>): Promise<ReadonlyMap<string, Hold>> {
    const before = new Map((await holdsOf(thread)).map(({ work, turns }) => [work, turns]));
    await happen();
    const after = await holdsOf(thread);
    return new Map(after.map((hold) => [hold.work, { ...hold, turns: hold.turns - (before.get(hold.work) ?? 0) }]));
  }

  const newVector = () => randomUnitVector(dimension, random);

  /** Searches of another library that are answered while this one is not. */
  async function searchesBeside(other: string, slow: Promise<unknown>): Promise<number> {
    const over = new AbortController();
    const ended = slow.finally(() => over.abort());
    let searches = 0;
    for (; !over.signal.aborted; searches++) await store.searches.search(other, { vector: newVector(), k: 1 });
    await ended;
    return searches;
  }

  /** Each takes a good part of a second at 300,000 chunks. */
  const slowSearches: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    "a filter on a field that no filter has named": (id) =>
      store.searches.search(id, { vector: newVector(), k: 10, filter: { number: 11_999 } }),
    "a word that every chunk has": (id) => store.searches.search(id, { mode: "text", text: "common", k: 10 }),
    "a word and a vector": (id) =>
      store.searches.search(id, {
        mode: "hybrid",
        text: `common ${word()}`,
        vector: newVector(),
        vectorWeight: 0.5,
        k: 10,
      }),
    "very many hits": (id) => store.searches.search(id, { vector: newVector(), k: 1_000 }),
    "every vector": (id) => store.searches.search(id, { vector: newVector(), k: 200, exact: true }),
    "the same as others, many at once": (id) =>
      Promise.all(range(1, 400).map(() => store.searches.search(id, { vector: newVector(), k: 10, exact: true }))),
  };

  it.each(Object.keys(slowSearches))("is searched for %s in short turns, between which others search", async (name) => {
    const other = await newLibrary();
    let beside = 0;
    const work = await holds("search", async () => {
      beside = await searchesBeside(other, slowSearches[name]?.(large) ?? Promise.resolve());
    });
    const held = ["search", "begin", "long", "index"].map(
      (kind) => [kind, work.get(kind)?.longestProcessor ?? 0] as const,
    );
    expect(held.filter(([, processor]) => processor >= longest)).toEqual([]);
    expect(beside).toBeGreaterThan(1);
  });

  /** What goes on in one library while others are searched and written to. */
  const slowWork: Readonly<Record<string, () => Promise<unknown>>> = {
    "is listed": async () => {
      let cursor: string | undefined;
      do cursor = (await store.documents.list(large, { limit: 1_000, cursor })).nextCursor ?? undefined;
      while (cursor !== undefined);
    },
    "is exported": async () => {
      const { next, end } = await exported();
      while ((await next()).length > 0);
      end();
    },
    "has its events read": async () => {
      let afterSeq = 0;
      for (let read = -1; read !== 0;) {
        const { events } = await store.events.read(large, { afterSeq, limit: 1_000 });
        afterSeq = events.at(-1)?.seq ?? afterSeq;
        read = events.length;
      }
    },
    "is written to": () =>
      Promise.all(range(0, 9).map((part) => store.documents.write(large, documents(2 * count + part * 50)))),
    "gets another index": async () => {
      await store.libraries.update(large, {
        index: { type: "hnsw", m: 8, ef_construction: 32, ef: 40, quantization: "i8" },
      });
      await eventually(async () => !(await store.statistics.isMigrating()));
    },
  };

  async function exported() {
    const reading = await store.libraries.export(large);
    return { next: () => reading.next(), end: () => reading.end() };
  }

  it.each(Object.keys(slowWork))("%s in short turns, between which others search and write", async (name) => {
    const other = await newLibrary();
    const writes: Promise<unknown>[] = [];
    const work = slowWork[name]?.() ?? Promise.resolve();
    writes.push(store.documents.write(other, [newDocument()]));
    const beside = await searchesBeside(other, work);
    await Promise.all(writes);
    expect(beside).toBeGreaterThan(1);
    const held = [...(await holdsOf("writing")), ...(await holdsOf("search"))];
    expect(held.filter(({ longestProcessor }) => longestProcessor >= longest)).toEqual([]);
  });

  it("answers a filter on a name that no chunk has at once, when it knows the names", async () => {
    await store.searches.search(large, { vector: newVector(), k: 10, filter: { number: 1 } });
    const work = await holds("search", async () => {
      for (let name = 0; name < 100; name++) {
        const filter = { [`typo${name}`]: 1 };
        expect(await store.searches.search(large, { vector: newVector(), k: 10, filter })).toMatchObject({
          hits: [],
          exact: true,
        });
      }
      const known = await store.searches.search(large, { vector: newVector(), k: 10, filter: { number: 5 } });
      expect(known.hits.length).toBe(1);
    });
    expect([work.get("begin")?.turns, work.get("long")?.turns]).toEqual([0, 0]);
  });

  it("loses and invents no hit while it is written to in the middle of a search", async () => {
    const replace = () =>
      store.documents.write(large, [newDocument({ id: "same", chunks: [newChunk({ text: "unmistakable" })] })]);
    await replace();
    const written: Promise<unknown>[] = [];
    const searches = Array.from({ length: 20 }, (_each, number) => {
      written.push(replace());
      return store.searches.search(large, { mode: "text", text: "common unmistakable", k: 3 + number });
    });
    for (const { hits } of await Promise.all(searches)) {
      // It is replaced all the time, and there at each.
      expect(hits.filter(({ text }) => text === "unmistakable")).toHaveLength(1);
    }
    await Promise.all(written);
  });

  it("is opened after a start in short turns, while it is searched and changed", async () => {
    const added = documents(count);
    const replaced = newDocument({ id: uuidOf(1), chunks: [newChunk({ vector: newVector() })] });
    await store.documents.write(large, [replaced]);
    await store.close();
    store = await EmbeddedStore.open({ directory });
    const [first] = await Promise.all([
      store.searches.search(large, { vector: newVector(), k: 10 }),
      store.documents.write(large, added),
      store.documents.delete(large, uuidOf(1)),
    ]);
    expect(first.hits.length).toBe(10);
    await store.recovered;
    const open = (await holdsOf("search")).find(({ work }) => work === "open");
    expect(open?.turns).toBeGreaterThan(2);
    expect(open?.longestProcessor).toBeLessThan(longest);
    const nearest = async (document: NewDocument | undefined) => {
      const vector = document?.chunks[0]?.vector ?? newVector();
      return (await store.searches.search(large, { vector, k: 1 })).hits[0];
    };
    for (const document of added) expect((await nearest(document))?.text).toBe(document.chunks[0]?.text);
    expect((await nearest(replaced))?.document_id).not.toBe(uuidOf(1));
  });

  it("is removed in short turns, between which others read and write", async () => {
    const other = await newLibrary();
    whole = (await store.statistics.disk()).database;
    let reads = 0;
    const work = await holds("writing", async () => {
      await store.libraries.delete(large);
      do {
        await store.libraries.get(other);
        reads++;
      } while ((await store.statistics.writing()).purging);
    });
    const purge = work.get("purge");
    expect(purge?.turns).toBeGreaterThan(50);
    expect(purge?.longestProcessor).toBeLessThan(longest);
    // As many as there were turns, give or take those between which both came at once.
    expect(reads).toBeGreaterThan((purge?.turns ?? Infinity) / 10);
  });

  it("has its space given back to the disk when it is removed", async () => {
    await vi.waitUntil(async () => (await store.statistics.disk()).database < whole / 2, {
      timeout: 50_000,
      interval: 50,
    });
    expect((await store.statistics.writing()).free).toBeLessThan(8 * 1024 * 1024);
  });
});

describe("A library with thousands of live queries", () => {
  let directory: string;
  let store: EmbeddedStore;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    store = await EmbeddedStore.open({ directory });
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const queries = 3_000;
  const writes = 1_200;
  /** The greater the number, the nearer to every query. */
  const vectorOf = (number: number) => {
    const angle = 1 - number / writes;
    return Float32Array.of(Math.cos(angle), Math.sin(angle));
  };
  const search = { vector: vectorOf(writes), k: 10 };

  it("is told of a burst of writes, and ends, in short turns, between which another one's are told", async () => {
    const settings = {
      name: "L",
      description: null,
      embeddingModel: "none",
      events: defaultEventSettings,
      dimension: 2,
    };
    const [{ id: large }, { id: small }] = [
      await store.libraries.create(settings),
      await store.libraries.create(settings),
    ];
    const newest = new Map<number, number>();
    await Promise.all(
      Array.from({ length: queries }, (_each, query) =>
        store.searches.watch(large, { ...search, caller: "one" }, (told) => {
          if ("value" in told) newest.set(query, told.value.seq);
        }),
      ),
    );
    const { promise: told, resolve } = Promise.withResolvers<unknown>();
    await store.searches.watch(small, { ...search, caller: "other" }, resolve);

    const written = Array.from({ length: writes }, (_each, number) =>
      store.documents.write(large, [newDocument({ chunks: [newChunk({ vector: vectorOf(number) })] })]),
    );
    await store.documents.write(small, [newDocument({ chunks: [newChunk({ vector: vectorOf(1) })] })]);
    await within(told, "the other library's live query to be told");
    await Promise.all(written);
    const { seq } = await store.libraries.get(large);
    await eventually(() => newest.size === queries && newest.values().every((shown) => shown === seq), {
      describe: "all to be told",
    });
    await store.libraries.delete(large);
    await eventually(async () => (await liveHolds()).some(({ work }) => work === "end"), {
      describe: "the live queries to end",
    });

    const searching = (await store.statistics.searching()).holds;
    expect(searching.find(({ work }) => work === "live")?.longestProcessor).toBeLessThan(longest);
    const held = await liveHolds();
    expect(held.map(({ work }) => work).toSorted()).toEqual(["change", "end", "find", "take", "tell"]);
    expect(held.filter(({ longestProcessor }) => longestProcessor >= longest)).toEqual([]);
    for (const work of ["change", "tell"]) {
      expect(held.find((hold) => hold.work === work)?.turns).toBeGreaterThan(10);
    }
  });

  const liveHolds = async () => (await store.statistics.live()).holds;
});
