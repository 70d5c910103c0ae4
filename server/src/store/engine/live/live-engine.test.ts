import { beforeEach, describe, expect, it } from "vitest";
import { newChunkRow } from "../../../../../test/support/data/chunk-row.ts";
import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import type { Changes, Find, ToStore, Updates } from "./live-messages.ts";
import { LiveEngine } from "./live-engine.ts";

const libraryId = "library";
const noWeight = { comparisons: 1, bytes: 1 };

/** Farther from the query the greater the key. */
const angle = (key: number) => 0.01 * key;
const vectorOf = (key: number) => Float32Array.of(Math.cos(angle(key)), Math.sin(angle(key)));

describe("Live queries", () => {
  let queries: LiveEngine;
  let toStore: ToStore[];
  let toMain: Updates[];

  beforeEach(() => {
    toStore = [];
    toMain = [];
    queries = new LiveEngine({
      toStore: (message) => toStore.push(message),
      toMain: (updates) => toMain.push(updates),
      holds: new HoldMeter(),
    });
  });

  const settle = () => {
    while (queries.turn());
  };
  const finds = () => toStore.filter((message): message is Find => message.type === "find");
  const found = (id: number, seq: number, keys: readonly number[], complete = true) => {
    const distances = keys.map((key) => 1 - Math.cos(angle(key)));
    const answers = [{ id, exact: true, keys, distances, complete }];
    queries.fromStore({ type: "found", libraryId, seq, answers, chunks: keys.map(newChunkRow) });
  };
  const watch = (id: number, k: number, caller?: string) =>
    queries.fromMain({ type: "watch", id, libraryId, search: { vector: Float32Array.of(1, 0), k, caller } });
  const change = (seq: number, added: readonly number[], removed: readonly number[]) => {
    const vectors = Float32Array.from(added.flatMap((key) => [...vectorOf(key)]));
    const changes: Changes = {
      type: "changes",
      libraryId,
      seq,
      added: added.map(newChunkRow),
      vectors,
      removed,
      weight: noWeight,
    };
    queries.fromStore(changes);
  };
  const told = () => {
    queries.fromMain({ type: "updates-received" });
    settle();
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
    settle();
    expect(sent()).toEqual([{ updates: [[1, 5, [10, 20]]], fresh: [10, 20], forgotten: [] }]);
    for (const seq of [6, 7, 8]) {
      change(seq, [15 - seq], []);
      settle();
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
    settle();
    expect(sent()[0]?.fresh).toEqual([10]);
    queries.fromMain({ type: "end", id: 1 });
    told();
    expect(sent()).toEqual([]);
    queries.fromMain({ type: "end", id: 2 });
    settle();
    expect(sent()).toEqual([{ updates: [], fresh: [], forgotten: [10] }]);
    watch(3, 1);
    found(3, 2, [10]);
    told();
    expect(sent()).toEqual([{ updates: [[3, 2, [10]]], fresh: [10], forgotten: [] }]);
  });

  it("tell nothing of a search while the store is asked, though something was due before", () => {
    watch(1, 2);
    found(1, 1, [10, 20], false);
    settle();
    change(2, [5], []);
    settle();
    change(3, [], [5, 10, 20]);
    settle();
    expect(finds().map(({ begins }) => begins)).toEqual([true, false]);
    sent();
    told();
    expect(sent()).toEqual([]);
    change(4, [6], [30]);
    found(1, 4, [6, 40], false);
    change(5, [50], [6, 40]);
    change(6, [41], []);
    settle();
    expect(finds()).toHaveLength(3);
    found(1, 6, [41, 50]);
    told();
    expect(sent()).toEqual([{ updates: [[1, 6, [41, 50]]], fresh: [41, 50], forgotten: [10, 20] }]);
  });

  it("pass over what was added and removed before anybody looked", () => {
    watch(1, 2);
    found(1, 1, [10]);
    settle();
    sent();
    change(2, [5], []);
    change(3, [6], [5]);
    change(4, [], [6]);
    told();
    expect(sent()).toEqual([]);
    expect(toStore.at(-1)).toEqual({ type: "done", libraryId, weight: { comparisons: 3, bytes: 3 } });
  });

  it("are told in turn by their callers, however many of one caller have something to tell", () => {
    const many = 1_000;
    const ids = Array.from({ length: many }, (_each, place) => place + 1);
    for (const id of ids) watch(id, 1, "greedy");
    watch(many + 1, 1, "modest");
    for (const id of [...ids, many + 1]) found(id, 1, [10]);
    settle();
    for (let messages = 1; toMain.length === messages; messages++) told();
    // While a message is on its way, all get something to tell, the modest caller's after all others.
    change(2, [9], []);
    settle();
    toMain.splice(0);
    change(3, [5], []);
    settle();
    for (let messages = 0; toMain.length === messages; messages++) told();
    const order = toMain.flatMap(({ updates }) => updates.map(({ id }) => id));
    expect(new Set(order)).toEqual(new Set([...ids, many + 1]));
    expect(order.indexOf(many + 1)).toBeLessThanOrEqual(1);
  });

  it("ask the store for their caller again where too many of their chunks are gone", () => {
    watch(1, 1, "caller");
    found(1, 1, [10, 20], false);
    change(2, [], [10, 20]);
    settle();
    expect(finds().map(({ begins, search }) => [begins, search.caller])).toEqual([
      [true, "caller"],
      [false, "caller"],
    ]);
  });

  it("end with an error where changes are lost, and say nothing of those that had ended", () => {
    watch(1, 1);
    watch(2, 1);
    found(1, 1, [10]);
    found(2, 1, [10]);
    settle();
    sent();
    queries.fromMain({ type: "end", id: 2 });
    const error = { code: "storage_failed", message: "I/O error" } as const;
    queries.fromStore({ type: "lost", libraryId, error });
    queries.fromStore({ type: "refused", id: 2, error });
    change(2, [1], []);
    told();
    expect(sent()).toEqual([{ updates: [[1, "storage_failed"]], fresh: [], forgotten: [10] }]);
  });
});
