import { randomUUID } from "node:crypto";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openEmbeddedStore } from "../../../../../../test/conformance/embedded-store-harness.ts";
import { dimension, newDocuments, randomVector } from "../../../../../../test/conformance/store-fixture.ts";
import { temporaryDirectory } from "../../../../../../test/support/server/test-server.ts";
import { EmbeddedStore } from "../../../embedded/embedded-store.ts";
import { KnownHits } from "../answers/known-hits.ts";
import { SearchReader } from "../search-reader.ts";
import { type KeptRanking, KeptRankings } from "./kept-rankings.ts";
import { pageCursor } from "./page-cursor.ts";
import { RankedHits } from "./ranked-hits.ts";

const minute = 60_000;
const newLibrary = { name: "Few", description: null, embeddingModel: "none", events: defaultEventSettings };
const libraryId = randomUUID();
const hits = new RankedHits([
  { key: 7, distance: null, score: 2 },
  { key: 8, distance: 0.5 },
]);
const ranking = {
  libraryId,
  search: { vector: new Float32Array(2), k: 1 },
  hits,
  truncated: false,
  exact: true,
  seq: 5,
};

describe("Rankings", () => {
  let directory: string;
  let logPages: number;
  let released: SearchReader[];
  let rankings: KeptRankings;
  const opened: SearchReader[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    await (await EmbeddedStore.open({ directory })).close();
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
    logPages = 0;
    released = [];
    rankings = new KeptRankings({
      idle: minute,
      longLog: 1_000,
      logPages: () => logPages,
      release: (one) => released.push(one),
    });
  });
  afterEach(() => {
    rankings.close();
    vi.useRealTimers();
    for (const reader of opened.splice(0)) reader.close();
  });

  /** A reader that sees another commit than all others. */
  function newReader(): SearchReader {
    const one = new SearchReader(directory, new KnownHits());
    one.begin();
    opened.push(one);
    one.hits.snapshot = opened.length;
    return one;
  }
  const keep = (caller: string, from = newReader()) => rankings.keep(from, { ...ranking, caller });
  const find = ({ id }: KeptRanking, from = 1) =>
    rankings.find(libraryId, pageCursor({ libraryId, rankingId: id, from }));
  function isKept(kept: KeptRanking): boolean {
    try {
      return find(kept).ranking === kept;
    } catch (error) {
      if (error instanceof ArrwError && error.code === "cursor_expired") return false;
      throw error;
    }
  }

  it("are found by their cursors, with their hits as they were", () => {
    const kept = keep("a");
    expect(find(kept)).toEqual({ ranking: kept, from: 1 });
    expect([hits.at(0), hits.at(1)]).toEqual([
      { key: 7, distance: null, score: 2, rank: 1 },
      { key: 8, distance: 0.5, score: undefined, rank: 2 },
    ]);
    expect(() => find(kept, 2)).toThrow("was not returned by a search");
  });

  it("give way to others of the same caller, the least recently used one first", () => {
    const other = keep("b");
    const all = Array.from({ length: 8 }, () => keep("a"));
    const [first, second] = all;
    if (first === undefined || second === undefined) throw new Error("There are none");
    rankings.use(first)(false);
    all.push(keep("a"));
    expect(all.filter((kept) => !isKept(kept))).toEqual([second]);
    expect([isKept(other), released]).toEqual([true, [second.reader]]);
  });

  it("give way first if their last page was read", () => {
    const all = Array.from({ length: 8 }, () => keep("a"));
    const [done] = all.slice(-1);
    if (done === undefined) throw new Error("There is none");
    rankings.use(done)(true);
    keep("a");
    expect(all.filter((kept) => !isKept(kept))).toEqual([done]);
  });

  it("give way to those of others if there are many, where most are", () => {
    const lone = keep("lone");
    const all = Array.from({ length: 9 }, (_each, caller) => Array.from({ length: 7 }, () => keep(`${caller}`))).flat();
    const latest = keep("latest");
    expect([lone, ...all, latest].filter((kept) => !isKept(kept))).toEqual([all[0]]);
  });

  it("are kept for a minute without use, for five in all, and for less after the last page", () => {
    const unused = keep("a");
    const used = keep("b");
    const done = keep("c");
    rankings.use(done)(true);
    vi.advanceTimersByTime(11_000);
    rankings.sweep();
    expect([unused, used, done].map(isKept)).toEqual([true, true, false]);
    for (let passed = 11_000; passed < 5 * minute; passed += minute / 2) {
      rankings.use(used)(false);
      vi.advanceTimersByTime(minute / 2);
      rankings.sweep();
    }
    expect([unused, used].map(isKept)).toEqual([false, false]);
    expect([released.length, rankings.isHolding]).toEqual([3, false]);
  });

  it("share the snapshot of one commit, which is kept until the last page is read", () => {
    const shared = newReader();
    const [first, second] = [keep("a", shared), keep("b", shared)];
    const another = new SearchReader(directory, new KnownHits());
    opened.push(another);
    another.begin();
    another.hits.snapshot = shared.hits.snapshot;
    expect([keep("c", another).reader, rankings.holds(another), rankings.holds(shared)]).toEqual([shared, false, true]);
    const end = rankings.use(first);
    rankings.forget(libraryId);
    expect([isKept(first), isKept(second), released]).toEqual([false, false, []]);
    end(false);
    expect(released).toEqual([shared]);
  });

  it("are all let go when the log is long, and none is made until it was reset, or cannot be", () => {
    const kept = keep("a");
    rankings.sweep();
    logPages = 1_000;
    vi.advanceTimersByTime(200);
    rankings.sweep();
    expect([isKept(kept), rankings.isPausing, released.length]).toEqual([false, true, 1]);
    logPages = 3;
    vi.advanceTimersByTime(200);
    rankings.sweep();
    expect(rankings.isPausing).toBe(false);
    keep("a");
    logPages = 1_500;
    const isPausingAfter = (milliseconds: number) => {
      vi.advanceTimersByTime(milliseconds);
      rankings.sweep();
      return rankings.isPausing;
    };
    // Another reader keeps the log from being reset.
    expect([isPausingAfter(200), isPausingAfter(200), isPausingAfter(1_200)]).toEqual([true, true, false]);
  });

  it("know which documents expired since, as long as there are any", () => {
    rankings.expire(libraryId, "early", 9);
    const kept = keep("a");
    expect(rankings.expiredSince(kept)).toBeUndefined();
    rankings.expire(libraryId, "x", 5);
    rankings.expire(libraryId, "y", 6);
    const hasExpired = rankings.expiredSince(kept);
    expect(["early", "x", "y", "z"].map((id) => hasExpired?.(id))).toEqual([false, false, true, false]);
    for (let seq = 7; seq <= 100_007; seq++) rankings.expire(libraryId, `${seq}`, seq);
    expect([isKept(kept), rankings.expiredSince(kept)]).toEqual([false, undefined]);
  });
});

it("A store tells when more match than all pages have, whatever fits on the first one", async () => {
  const { store, destroy } = await openEmbeddedStore({ rankedHits: 5 });
  const { id } = await store.libraries.create({ ...newLibrary, dimension });
  await store.documents.write(id, newDocuments(7));
  const search = (k: number) => store.searches.search(id, { vector: randomVector(), k, pages: true });
  const first = await search(3);
  const { pages, count } = await store.searches.page(id, { cursor: first.pages?.nextCursor ?? "" });
  expect([first.pages?.truncated, count, pages]).toEqual([true, 2, { nextCursor: null, truncated: true }]);
  const counts = [];
  for (const k of [5, 6, 7]) {
    const { count: all, pages: after } = await search(k);
    counts.push([all, after]);
  }
  const whole = (truncated: boolean) => ({ nextCursor: null, truncated });
  expect(counts).toEqual([
    [5, whole(true)],
    [6, whole(true)],
    [7, whole(false)],
  ]);
  await destroy();
});

it("A ranking reads the disk in steps where the index could rank thousands in one step only", async () => {
  const { store, destroy } = await openEmbeddedStore({ trainAt: 64 });
  const { id } = await store.libraries.create({
    ...newLibrary,
    dimension,
    index: { type: "ivf", nlist: null, nprobe: null },
  });
  await store.documents.write(id, newDocuments(600));
  const search = { vector: randomVector(), k: 10, explain: true };
  const first = await store.searches.search(id, { ...search, pages: true });
  expect([first.explanation?.plan, first.exact]).toEqual(["disk", true]);
  expect(first.hits).toEqual((await store.searches.search(id, { ...search, exact: true })).hits);
  await destroy();
});
