import { limits } from "@arrwdb/protocol/limits";
import { describe, expect, it } from "vitest";
import type { DocumentPatch } from "../../../server/src/store/document-store.ts";
import { LiveQueryRecorder } from "../live/live-query-recorder.ts";
import {
  codeOf,
  idsOf,
  newChunk,
  newDocument,
  newDocuments,
  randomVector,
  range,
  type StoreFixture,
  uuidOf,
} from "../store-fixture.ts";

const patchOf = (patch: Partial<DocumentPatch>): DocumentPatch => ({ clearsMetadata: false, metadata: {}, ...patch });

/** As much metadata as a document may have. */
const full = (name: string) =>
  Object.fromEntries(Array.from({ length: limits.metadataValues }, (_, at) => [`${name}${at}`, at]));

export function describePatches(fixture: StoreFixture): void {
  const patch = (number: number, changes: Partial<DocumentPatch>, ifSeq?: number) =>
    fixture.store.documents.patch(fixture.library.id, uuidOf(number), patchOf(changes), ifSeq);
  const documentOf = async (number: number) =>
    (await fixture.store.documents.get(fixture.library.id, uuidOf(number), { vectors: true })).document;

  describe("patches", () => {
    it("leave a title that was made from the text, or take one that is given", async () => {
      await fixture.write(newDocument({ id: uuidOf(1), title: "Made", titleGenerated: true }));
      const patched = await patch(1, { author: "Ada" });
      expect(patched.document).toMatchObject({ title: "Made", title_generated: true });
      expect((await patch(1, { title: "Made" })).document).toMatchObject({ title: "Made", title_generated: false });
    });

    it("change the fields that they name, and leave the others and the chunks as they are", async () => {
      const given = {
        title: "Title",
        author: "Ada",
        documentType: "note",
        sourceUrl: "https://a.b/c",
        tags: ["x"],
        metadata: { year: 2020, deep: { er: { a: 1, b: [1, null] } }, __proto__: 1 },
      };
      await fixture.write(
        newDocument({ id: uuidOf(1), ...given, chunks: [newChunk({ metadata: { own: 1 } }), newChunk()] }),
      );
      const before = await documentOf(1);
      const { document, seq } = await patch(1, {
        author: null,
        tags: ["y", "z"],
        metadata: { year: null, deep: { er: { a: { new: true } } }, more: 12_345_678_901_234_567_890n },
      });
      expect(seq).toBe(3);
      const after = await documentOf(1);
      const { text: _text, chunks: _chunks, ...summary } = after;
      expect(document).toEqual(summary);
      expect(after).toEqual({
        ...before,
        author: null,
        tags: ["y", "z"],
        metadata: { deep: { er: { a: { new: true }, b: [1, null] } }, more: 12_345_678_901_234_567_890n },
        updated_at: after.updated_at,
        seq: 3,
      });
      expect(after.updated_at >= before.updated_at).toBe(true);
      await patch(1, {
        title: "Other",
        documentType: "letter",
        sourceUrl: null,
        tags: [],
        clearsMetadata: true,
        metadata: { a: 1 },
      });
      expect(await documentOf(1)).toMatchObject({
        title: "Other",
        document_type: "letter",
        source_url: null,
        tags: [],
        metadata: { a: 1 },
        chunks: before.chunks,
      });
      expect(await fixture.store.libraries.get(fixture.library.id)).toMatchObject({
        seq: 4,
        num_documents: 1,
        num_chunks: 2,
      });
    });

    it("are told in events, with the document as it is then, and survive opening again", async () => {
      await fixture.write(newDocument({ id: uuidOf(1) }));
      const { document } = await patch(1, { metadata: { a: 1 } });
      const { events } = await fixture.store.events.read(fixture.library.id, { afterSeq: 2, limit: 10 });
      expect(events).toMatchObject([
        { type: "document.updated", seq: 3, data: { ...document, document_id: uuidOf(1) } },
      ]);
      await fixture.reopen();
      expect(await documentOf(1)).toMatchObject(document);
      expect(idsOf(await fixture.search(randomVector(), 5, { a: 1 }))).toEqual([uuidOf(1)]);
    });

    it("that change nothing are no change of the library", async () => {
      const [written] = await fixture.write(newDocument({ id: uuidOf(1), tags: ["x"], metadata: { a: { b: 1 } } }));
      await fixture.write(newDocument());
      const same = await patch(1, { tags: ["x"], author: null, metadata: { a: { b: 1 }, gone: null } });
      expect(same).toEqual({ document: written?.document, seq: 3 });
      expect((await fixture.store.libraries.get(fixture.library.id)).seq).toBe(3);
    });

    it("happen only to a document that is there, with the seq that they name", async () => {
      await fixture.write(newDocument({ id: uuidOf(1) }));
      expect(await codeOf(patch(2, { title: "Other" }))).toBe("document_not_found");
      expect(await codeOf(patch(1, { title: "Other" }, 1))).toBe("seq_mismatch");
      const both = await Promise.allSettled([patch(1, { title: "one" }, 2), patch(1, { title: "two" }, 2)]);
      expect(both).toMatchObject([{ value: { seq: 3 } }, { reason: { code: "seq_mismatch", currentSeq: 3 } }]);
      expect((await documentOf(1)).title).toBe("one");
    });

    it("are refused where the whole would be more than a document may have", async () => {
      const most = limits.metadataValues;
      const half = (name: string) =>
        Object.fromEntries(Array.from({ length: most / 2 }, (_, at) => [`${name}${at}`, at]));
      await fixture.write(newDocument({ id: uuidOf(1), metadata: half("a") }));
      await patch(1, { metadata: half("b") });
      expect(await codeOf(patch(1, { metadata: { one: "more" } }))).toBe("validation_failed");
      await patch(1, { metadata: { a0: null, one: "less" } });
      expect(Object.keys((await documentOf(1)).metadata)).toHaveLength(most);
    });

    it("are seen by the next search, in its hits and through its filter", async () => {
      await fixture.write(
        ...newDocuments(40).map((document, index) => ({ ...document, metadata: { kind: index % 2 } })),
      );
      const query = randomVector();
      expect((await fixture.search(query, 40, { kind: 1 })).hits).toHaveLength(20);
      await patch(0, { metadata: { kind: 1 }, title: "First" });
      await patch(1, { metadata: { kind: 2 } });
      const [first, others] = [
        await fixture.search(query, 40, { title: "First" }),
        await fixture.search(query, 40, { kind: 1 }),
      ];
      expect(first.hits).toMatchObject([
        { document_id: uuidOf(0), document: { title: "First", metadata: { kind: 1 } } },
      ]);
      expect(idsOf(others)).toHaveLength(20);
      expect(idsOf(others).includes(uuidOf(0)) && !idsOf(others).includes(uuidOf(1))).toBe(true);
      await fixture.write({ ...newDocument({ id: uuidOf(0) }), metadata: { kind: 3 } });
      await fixture.store.documents.delete(fixture.library.id, uuidOf(3));
      expect((await fixture.search(query, 40, { kind: 1 })).hits).toHaveLength(18);
      expect((await fixture.search(query, 40, { kind: { $in: [2, 3] } })).hits).toHaveLength(2);
    });

    it("of a document of many chunks reach all of them", async () => {
      const chunks = Array.from({ length: 300 }, (_, index) => newChunk({ metadata: { place: index } }));
      await fixture.write(newDocument(), newDocument({ id: uuidOf(1), chunks }), newDocument());
      const query = randomVector();
      expect((await fixture.search(query, 500, { kind: "new" })).hits).toEqual([]);
      await patch(1, { metadata: { kind: "new", place: -1 } });
      expect((await fixture.search(query, 500, { kind: "new" })).hits).toHaveLength(300);
      // A chunk's own field goes before its document's.
      expect((await fixture.search(query, 500, { kind: "new", place: { $gte: 290 } })).hits).toHaveLength(10);
      await patch(1, { metadata: { kind: null } });
      expect((await fixture.search(query, 500, { kind: "new" })).hits).toEqual([]);
      expect((await fixture.search(query, 500, { place: { $gte: 290 } })).hits).toHaveLength(10);
    });

    it("by filter reach the documents that pass and were not written meanwhile, and go on where they stopped", async () => {
      const { store, library } = fixture;
      const filter = { kind: "old" };
      const old = (index: number) => newDocument({ id: uuidOf(index), metadata: { kind: "old", index } });
      await fixture.write(...range(0, 1_999).map(old));
      const merge = patchOf({ metadata: { kind: "new" }, author: "Ada" });
      const late = range(1_990, 1_999);
      for await (const { patched, failed, seq } of store.documents.patchMatching(library.id, { filter }, merge)) {
        expect([patched < 1_990, failed, seq]).toEqual([true, 0, 2_001 + patched]);
        break;
      }
      const { documents } = await store.documents.count(library.id, { filter });
      const slices = store.documents.patchMatching(library.id, { filter: { $and: [filter] } }, merge);
      const first = await slices.next();
      await fixture.write(...late.map(old));
      let last = first.value;
      for await (const slice of slices) last = slice;
      expect(last).toMatchObject({ patched: documents - late.length, failed: 0 });
      const left = await store.documents.list(library.id, { limit: 1_000, filter });
      expect(left.items.map(({ id }) => id)).toEqual(late.map(uuidOf));
      expect(await store.documents.count(library.id, { filter: { kind: "new", author: "Ada" } })).toMatchObject({
        documents: 1_990,
      });
      // Sent again, it changes nothing of what has it, and what cannot take it stays as it is.
      await fixture.write(newDocument({ id: uuidOf(5_000), metadata: full("a"), author: "Eve" }));
      const { seq } = await store.libraries.get(library.id);
      const again: unknown[] = [];
      const everyone = { filter: { author: { $in: ["Ada", "Eve"] } } };
      for await (const slice of store.documents.patchMatching(library.id, everyone, merge)) again.push(slice);
      expect(again.at(-1)).toEqual({ patched: 0, failed: 1, seq });
    });

    it("of a title are heard by searches by words", async () => {
      await fixture.write(
        newDocument({
          id: uuidOf(1),
          title: "Old heron",
          chunks: [newChunk({ text: "a bird" }), newChunk({ text: "a fish" })],
        }),
        newDocument({ id: uuidOf(2), title: "Other" }),
      );
      const words = async (text: string) => {
        const search = { mode: "text" as const, text, k: 10 };
        return (await fixture.store.searches.search(fixture.library.id, search)).hits.map((hit) => hit.document.title);
      };
      expect(await words("heron")).toEqual(["Old heron", "Old heron"]);
      await patch(1, { title: "New crane" });
      expect([await words("heron"), await words("crane")]).toEqual([[], ["New crane", "New crane"]]);
      expect(await words("fish")).toEqual(["New crane"]);
      await patch(1, { author: "Ada" });
      expect(await words("crane")).toEqual(["New crane", "New crane"]);
      await fixture.store.documents.delete(fixture.library.id, uuidOf(1));
      expect(await words("crane")).toEqual([]);
    });

    it("are told by live queries: chunks enter and leave a filter, and hits that stay have the new fields", async () => {
      const { store, library } = fixture;
      const vector = randomVector();
      await fixture.write(...newDocuments(3).map((document) => ({ ...document, metadata: { kind: 1 } })));
      const ones = await LiveQueryRecorder.watch(store, library.id, { vector, k: 10, filter: { kind: 1 } });
      const all = await LiveQueryRecorder.watch(store, library.id, { vector, k: 10 });
      const { seq } = await patch(1, { metadata: { kind: 2 }, title: "Changed" });
      expect(idsOf(await ones.until((hits) => hits.seq === seq)).toSorted()).toEqual([uuidOf(0), uuidOf(2)]);
      const { hits } = await all.until((now) => now.seq === seq);
      expect(hits.map((hit) => hit.chunk_id)).toEqual(all.first.hits.map((hit) => hit.chunk_id));
      expect(hits.find((hit) => hit.document_id === uuidOf(1))?.document).toMatchObject({
        title: "Changed",
        metadata: { kind: 2 },
      });
      const back = await patch(1, { metadata: { kind: 1 } });
      const entered = await ones.until((now) => now.seq === back.seq);
      expect(idsOf(entered).toSorted()).toEqual([0, 1, 2].map(uuidOf));
      expect(entered.hits.find((hit) => hit.document_id === uuidOf(1))?.document.title).toBe("Changed");
      ones.end();
      all.end();
    });
  });
}
