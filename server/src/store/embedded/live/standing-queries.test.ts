import { beforeEach, describe, expect, it } from "vitest";
import type { ChunkRow } from "../chunks-table.ts";
import type { Changes, Find, ToStore, Updates } from "./messages.ts";
import { StandingQueries } from "./standing-queries.ts";

const libraryId = "library";
const noWeight = { comparisons: 1, bytes: 1 };

/** Farther from the query the greater the key. */
const angle = (key: number) => 0.01 * key;
const vectorOf = (key: number) => Float32Array.of(Math.cos(angle(key)), Math.sin(angle(key)));

const chunk = (key: number): ChunkRow => ({
  key,
  id: `${key}`,
  text: `${key}`,
  characters: 1,
  source: {
    documentId: "document",
    title: "",
    author: null,
    documentType: null,
    sourceUrl: null,
    tags: [],
    documentMetadata: {},
    chunkMetadata: {},
    chunkIndex: 0,
    pageNumber: null,
    createdAt: "",
    updatedAt: "",
  },
});

describe("Standing queries", () => {
  let queries: StandingQueries;
  let toStore: ToStore[];
  let toMain: Updates[];

  beforeEach(() => {
    toStore = [];
    toMain = [];
    queries = new StandingQueries(
      (message) => toStore.push(message),
      (updates) => toMain.push(updates),
    );
  });

  const finds = () => toStore.filter((message): message is Find => message.type === "find");
  const found = (id: number, seq: number, keys: readonly number[], complete = true) => {
    const distances = keys.map((key) => 1 - Math.cos(angle(key)));
    const answers = [{ id, exact: true, keys, distances, complete }];
    queries.fromStore({ type: "found", libraryId, seq, answers, chunks: keys.map(chunk) });
  };
  const watch = (id: number, k: number) =>
    queries.fromMain({ type: "watch", id, libraryId, search: { vector: Float32Array.of(1, 0), k } });
  const change = (seq: number, added: readonly number[], removed: readonly number[]) => {
    const vectors = Float32Array.from(added.flatMap((key) => [...vectorOf(key)]));
    const changes: Changes = {
      type: "changes",
      libraryId,
      seq,
      added: added.map(chunk),
      vectors,
      removed,
      weight: noWeight,
    };
    queries.fromStore(changes);
  };
  const told = () => {
    queries.fromMain({ type: "told" });
    queries.settle();
  };
  /** What was sent since the last look: the searches' positions and keys, the new chunks, and those that may go. */
  const sent = () =>
    toMain.splice(0).map(({ updates, fresh, forgotten }) => ({
      updates: updates.map(({ id, outcome }) =>
        "value" in outcome ? [id, outcome.value.seq, outcome.value.keys] : [id, outcome.error.code],
      ),
      fresh: fresh.map(({ key }) => key),
      forgotten,
    }));

  it("send one message at a time, and then what is true by then", () => {
    watch(1, 2);
    found(1, 5, [10, 20]);
    queries.settle();
    expect(sent()).toEqual([{ updates: [[1, 5, [10, 20]]], fresh: [10, 20], forgotten: [] }]);
    for (const seq of [6, 7, 8]) {
      change(seq, [15 - seq], []);
      queries.settle();
    }
    expect(sent()).toEqual([]);
    told();
    expect(sent()).toEqual([{ updates: [[1, 8, [7, 8]]], fresh: [7, 8], forgotten: [10, 20] }]);
    told();
    expect(sent()).toEqual([]);
  });

  it("bring a chunk once for all searches that show it, and again when none did in between", () => {
    watch(1, 1);
    watch(2, 1);
    found(1, 1, [10]);
    found(2, 1, [10]);
    queries.settle();
    expect(sent()[0]?.fresh).toEqual([10]);
    queries.fromMain({ type: "end", id: 1 });
    told();
    expect(sent()).toEqual([]);
    queries.fromMain({ type: "end", id: 2 });
    queries.settle();
    expect(sent()).toEqual([{ updates: [], fresh: [], forgotten: [10] }]);
    watch(3, 1);
    found(3, 2, [10]);
    told();
    expect(sent()).toEqual([{ updates: [[3, 2, [10]]], fresh: [10], forgotten: [] }]);
  });

  it("tell nothing of a search while the store is asked, though something was due before", () => {
    watch(1, 2);
    found(1, 1, [10, 20], false);
    queries.settle();
    change(2, [5], []);
    queries.settle();
    change(3, [], [5, 10, 20]);
    queries.settle();
    expect(finds().map(({ begins }) => begins)).toEqual([true, false]);
    sent();
    told();
    expect(sent()).toEqual([]);
    change(4, [6], [30]);
    found(1, 4, [6, 40], false);
    change(5, [50], [6, 40]);
    change(6, [41], []);
    queries.settle();
    expect(finds()).toHaveLength(3);
    found(1, 6, [41, 50]);
    told();
    expect(sent()).toEqual([{ updates: [[1, 6, [41, 50]]], fresh: [41, 50], forgotten: [10, 20] }]);
  });

  it("pass over what was added and removed before anybody looked", () => {
    watch(1, 2);
    found(1, 1, [10]);
    queries.settle();
    sent();
    change(2, [5], []);
    change(3, [6], [5]);
    change(4, [], [6]);
    told();
    expect(sent()).toEqual([]);
    expect(toStore.at(-1)).toEqual({ type: "done", weight: { comparisons: 3, bytes: 3 } });
  });

  it("end with an error where changes are lost, and say nothing of those that had ended", () => {
    watch(1, 1);
    watch(2, 1);
    found(1, 1, [10]);
    found(2, 1, [10]);
    queries.settle();
    sent();
    queries.fromMain({ type: "end", id: 2 });
    const error = { code: "storage_failed", message: "The disk refused" } as const;
    queries.fromStore({ type: "lost", libraryId, error });
    queries.fromStore({ type: "refused", id: 2, error });
    change(2, [1], []);
    told();
    expect(sent()).toEqual([{ updates: [[1, "storage_failed"]], fresh: [], forgotten: [10] }]);
  });
});
