import type { Filter } from "@arrwdb/protocol/filter/filter";
import { describe, expect, it } from "vitest";
import type { StoreHits } from "../../../server/src/store/search-store.ts";
import { randomUnitVector, seededRandom } from "../../support/data/vectors.ts";
import { LiveQueryRecorder } from "./live-query-recorder.ts";
import {
  codeOf,
  expectFirst,
  newChunk,
  newDocument,
  newDocuments,
  randomVector,
  range,
  type StoreFixture,
  uuidOf,
} from "../store-fixture.ts";
import { describeLiveQueriesModel } from "./store-live-queries-model.ts";

/** Nearer to the first axis the smaller the number, all of them different. */
const vectorAt = (number: number): Float32Array<ArrayBuffer> => {
  const angle = 0.01 * (number + 1);
  return Float32Array.of(Math.cos(angle), Math.sin(angle), 0, 0, 0, 0, 0, 0);
};
const axis = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0);
const documentAt = (number: number, changes: { id?: string; kind?: string } = {}) =>
  newDocument({
    id: changes.id ?? uuidOf(number),
    metadata: changes.kind === undefined ? {} : { kind: changes.kind },
    chunks: [newChunk({ text: `${number}`, vector: vectorAt(number) })],
  });

export function describeLiveQueries(fixture: StoreFixture): void {
  const watch = (k: number, filter?: Filter, maxDistance?: number, vector = axis) =>
    LiveQueryRecorder.watch(fixture.store, fixture.library.id, { vector, k, filter, maxDistance });
  const remove = (number: number) => fixture.store.documents.delete(fixture.library.id, uuidOf(number));
  const shows = (...numbers: readonly number[]) => {
    const texts = numbers.map(String);
    return ({ hits }: StoreHits) => hits.length === texts.length && hits.every(({ text }, at) => text === texts[at]);
  };
  /** What a search finds now. */
  const found = ({ search }: LiveQueryRecorder) => fixture.answer(search);

  describe("a live query", () => {
    it("begins with what a search answers", async () => {
      await fixture.write(...newDocuments(30));
      for (const k of [1, 10, 1000]) {
        const vector = randomVector();
        const standing = await watch(k, undefined, undefined, vector);
        const all = await fixture.search(vector, 1000);
        expectFirst(standing.first, k, all.hits);
        expect(standing.first.seq).toBe(31);
        if (standing.first.exact) expect(standing.first.hits).toEqual(all.hits.slice(0, k));
      }
    });

    it("begins empty in an empty library, and finds what comes", async () => {
      const standing = await watch(3);
      expect(standing.first).toEqual({ hits: [], exact: true, seq: 1 });
      for (const number of [5, 3, 4, 1]) await fixture.write(documentAt(number));
      expect(await standing.until(shows(1, 3, 4))).toEqual(await found(standing));
      expect(standing.last).toMatchObject({ seq: 5, exact: true });
    });

    it("tells what enters, moves and leaves, at growing positions, with all of each hit", async () => {
      await fixture.write(documentAt(10), documentAt(20), documentAt(30));
      const standing = await watch(2);
      const steps: readonly (readonly [() => Promise<unknown>, readonly number[]])[] = [
        [() => fixture.write(documentAt(15)), [10, 15]],
        [() => fixture.write(documentAt(5)), [5, 10]],
        [() => remove(10), [5, 15]],
        [() => remove(5), [15, 20]],
        [() => fixture.write(documentAt(1, { id: uuidOf(30) })), [1, 15]],
        [() => fixture.write(documentAt(40, { id: uuidOf(15) })), [1, 20]],
      ];
      for (const [step, expected] of steps) {
        await step();
        expect(await standing.until(shows(...expected))).toEqual(await found(standing));
      }
      const seqs = standing.states.map(({ seq }) => seq);
      expect(seqs).toEqual(range(4, 10));
    });

    it("counts the identical vector within a threshold of 0", async () => {
      const vectors = Array.from({ length: 12 }, randomVector);
      const standing = await Promise.all(vectors.map((vector) => watch(3, undefined, 0, vector)));
      await fixture.write(
        ...vectors.map((vector, at) => newDocument({ chunks: [newChunk({ text: `${at}`, vector })] })),
      );
      for (const [at, each] of standing.entries()) {
        expect(await each.until(shows(at))).toMatchObject({ hits: [{ text: `${at}` }] });
      }
    });

    it("is told of nothing that changes none of its hits", async () => {
      await fixture.write(documentAt(1), documentAt(2));
      const standing = await watch(2);
      await fixture.write(documentAt(3), documentAt(4));
      await remove(3);
      await fixture.store.libraries.update(fixture.library.id, { name: "Other" });
      await fixture.write(documentAt(0));
      await standing.until(shows(0, 1));
      expect(standing.states.map(({ seq }) => seq)).toEqual([3, 8]);
    });

    it("shows what lies within the distance, itself included", async () => {
      await fixture.write(documentAt(1), documentAt(2), documentAt(9));
      const [, , limit] = (await fixture.search(axis, 3)).hits;
      const standing = await watch(10, undefined, limit?.distance);
      expect(shows(1, 2, 9)(standing.first)).toBe(true);
      await fixture.write(documentAt(10));
      await fixture.write(documentAt(9, { id: uuidOf(90) }));
      expect(await standing.until(shows(1, 2, 9, 9))).toEqual(await found(standing));
      await remove(2);
      await standing.until(shows(1, 9, 9));
      await remove(1);
      await remove(9);
      await remove(90);
      await standing.until(shows());
      await fixture.write(documentAt(8));
      await standing.until(shows(8));
    });

    it("shows what passes its filter, as it is after the last write", async () => {
      await fixture.write(documentAt(1, { kind: "a" }), documentAt(2, { kind: "b" }), documentAt(3, { kind: "a" }));
      const standing = await watch(2, { kind: "a" });
      expect(shows(1, 3)(standing.first)).toBe(true);
      await fixture.write(documentAt(0, { kind: "b" }));
      await fixture.write(documentAt(2, { kind: "a" }));
      await standing.until(shows(1, 2));
      await fixture.write(documentAt(1, { kind: "b" }));
      expect(await standing.until(shows(2, 3))).toEqual(await found(standing));
    });

    it("puts those that are equally far in the order of adding", async () => {
      const same = (number: number) => documentAt(1, { id: uuidOf(100 + number) });
      await fixture.write(same(1), same(2));
      const standing = await watch(3);
      await fixture.write(same(3), same(4), documentAt(0));
      const { hits } = await standing.until((state) => state.hits[0]?.text === "0");
      expect(hits.map(({ document_id }) => document_id)).toEqual([uuidOf(0), uuidOf(101), uuidOf(102)]);
      await fixture.store.documents.delete(fixture.library.id, uuidOf(101));
      const after = await standing.until((state) => state.seq > 6);
      expect(after.hits.map(({ document_id }) => document_id)).toEqual([uuidOf(0), uuidOf(102), uuidOf(103)]);
    });

    it("is filled again exactly, however many of its hits are deleted", async () => {
      await fixture.write(...range(1, 200).map((number) => documentAt(number)));
      const standing = await watch(5);
      const filtered = await watch(5, { chunk_index: 0 }, 1.9);
      for (const number of range(1, 90)) await remove(number);
      for (const each of [standing, filtered]) {
        expect(await each.until(shows(91, 92, 93, 94, 95))).toMatchObject({ exact: true });
      }
      await Promise.all(range(91, 190).map(remove));
      await Promise.all([fixture.write(documentAt(0)), ...range(191, 196).map(remove)]);
      for (const each of [standing, filtered]) await each.until(shows(0, 197, 198, 199, 200));
      await Promise.all(range(197, 200).map(remove));
      for (const each of [standing, filtered]) await each.until(shows(0));
    });

    it("has its own hits among many that stand at once", async () => {
      await fixture.write(...newDocuments(50));
      const searches = Array.from({ length: 300 }, (_each, index) => ({
        vector: randomVector(),
        k: 1 + (index % 20),
        filter: index % 3 === 0 ? { title: "A title" } : undefined,
        maxDistance: index % 5 === 0 ? 0.9 : undefined,
      }));
      const standing = await Promise.all(
        searches.map((search) => LiveQueryRecorder.watch(fixture.store, fixture.library.id, search)),
      );
      await Promise.all(
        range(0, 19).map((number) => fixture.store.documents.delete(fixture.library.id, uuidOf(number))),
      );
      const chunks = searches.map(({ vector }, index) => newChunk({ text: `last ${index}`, vector }));
      await fixture.write(newDocument({ chunks }));
      for (const [index, each] of standing.entries()) {
        await each.until(({ hits }) => hits[0]?.text === `last ${index}`);
        const passing = await fixture.store.searches.search(fixture.library.id, { ...each.search, k: 1000 });
        expectFirst(each.last, each.search.k, passing.hits);
      }
      expect(standing).toHaveLength(searches.length);
    });

    it("ends when it is told to, and others go on", async () => {
      const [ended, other] = await Promise.all([watch(1), watch(1)]);
      await fixture.write(documentAt(5));
      await Promise.all([ended, other].map((each) => each.until(shows(5))));
      ended.end();
      ended.end();
      await fixture.write(documentAt(4));
      await fixture.write(documentAt(3));
      await other.until(shows(3));
      expect(ended.texts).toEqual(["5"]);
      other.end();
      const again = await watch(1);
      await fixture.write(documentAt(2));
      await again.until(shows(2));
      expect([ended.texts, other.texts]).toEqual([["5"], ["3"]]);
    });

    it("ends with its library, and is not told of what was under way", async () => {
      const other = await fixture.createLibrary();
      const standing = await watch(10);
      const beside = await LiveQueryRecorder.watch(fixture.store, other.id, { vector: axis, k: 1 });
      const writes = range(1, 30).map((number) => codeOf(fixture.write(documentAt(number))));
      await fixture.store.libraries.delete(fixture.library.id);
      const told = standing.states.length;
      await Promise.all(writes);
      await fixture.store.documents.write(other.id, [documentAt(1)]);
      await beside.until(shows(1));
      expect([standing.states.length, standing.error]).toEqual([told, undefined]);
      standing.end();
      expect(await codeOf(watch(10))).toBe("library_not_found");
    });

    it("refuses what a search refuses, and nothing beside it", async () => {
      const short = randomUnitVector(5, seededRandom(1));
      const unknown = { vector: axis, k: 1 };
      const outcomes = await Promise.all([
        codeOf(watch(1, undefined, undefined, short)),
        codeOf(watch(1)),
        codeOf(LiveQueryRecorder.watch(fixture.store, uuidOf(404), unknown)),
        codeOf(watch(1, undefined, undefined, short)),
      ]);
      expect(outcomes).toEqual(["dimension_mismatch", undefined, "library_not_found", "dimension_mismatch"]);
      await expect(watch(1, undefined, undefined, short)).rejects.toThrow(/5\b.*8/);
    });

    it("misses nothing that is written while it begins", async () => {
      const recorders: Promise<LiveQueryRecorder>[] = [];
      const writes = range(1, 40).map((number) => {
        recorders.push(watch(1000));
        return fixture.write(documentAt(number));
      });
      await Promise.all(writes);
      const all = shows(...range(1, 40));
      for (const recorder of await Promise.all(recorders)) {
        await recorder.until(all);
        const seqs = recorder.states.map(({ seq }) => seq);
        expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
        for (const { hits, seq } of recorder.states) expect(hits).toHaveLength(seq - 1);
      }
    });

    describeLiveQueriesModel(fixture);
  });
}
