import { describe, expect, it } from "vitest";
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

export function describeDocuments(fixture: StoreFixture): void {
  describe("documents", () => {
    it("come back as they were given", async () => {
      const chunks = [
        newChunk({
          text: "První odstavec 🙂\nřádek",
          pageNumber: 3,
          metadata: {
            lang: "cs",
            deep: { er: [1, "a", [[{ x: null }], true]] },
            tiny: 1e-300,
            "": -0.5,
            created_at: 1,
            ...JSON.parse('{"__proto__": {"constructor": 1}}'),
          },
        }),
        newChunk({ text: "第二段 \u{10FFFF}\uFEFF\r\n\t" }),
      ];
      const given = {
        title: "Název",
        titleGenerated: true,
        author: "Á",
        documentType: "note",
        sourceUrl: "https://a.b/c",
        tags: ["x", "y"],
        metadata: { year: 2020, "a.b": null },
      };
      const [written] = await fixture.write(newDocument({ id: uuidOf(5), ...given, chunks }));
      expect(written?.created).toBe(true);
      const { document, seq } = await fixture.store.documents.get(fixture.library.id, uuidOf(5));
      expect({ ...document, ...written?.document }).toEqual(document);
      expect(seq).toBe(2);
      expect(document).toMatchObject({
        id: uuidOf(5),
        title: "Název",
        title_generated: true,
        author: "Á",
        document_type: "note",
        source_url: "https://a.b/c",
        tags: ["x", "y"],
        metadata: { year: 2020, "a.b": null },
        num_chunks: 2,
        seq: 2,
        text: chunks.map(({ text }) => text).join("\n\n"),
      });
      const expected = chunks.map(({ text, pageNumber, metadata }, index) => ({
        id: document.chunks[index]?.id,
        chunk_index: index,
        text,
        page_number: pageNumber,
        metadata,
      }));
      expect(document.chunks).toEqual(expected);
      expect((await fixture.store.documents.list(fixture.library.id, { limit: 1 })).items).toEqual([written?.document]);
    });

    it("are replaced as a whole and keep their place and birth", async () => {
      const { store, library } = fixture;
      await fixture.write(newDocument({ id: uuidOf(1), tags: ["old"] }), newDocument({ id: uuidOf(2) }));
      const before = (await store.documents.get(library.id, uuidOf(1))).document;
      const chunk = newChunk({ text: "new" });
      const [replaced] = await fixture.write(newDocument({ id: uuidOf(1), title: "New", chunks: [chunk] }));
      expect(replaced?.created).toBe(false);
      const { document } = await store.documents.get(library.id, uuidOf(1));
      expect(document).toMatchObject({
        title: "New",
        title_generated: false,
        tags: [],
        created_at: before.created_at,
        text: "new",
      });
      expect(document.chunks[0]?.id).not.toBe(before.chunks[0]?.id);
      const listed = await store.documents.list(library.id, { limit: 10 });
      expect(listed.items.map(({ id }) => id)).toEqual([uuidOf(1), uuidOf(2)]);
      const found = await fixture.search(chunk.vector, 10);
      expect(found.hits.map(({ text }) => text)).toEqual(["new", "some text"]);
      expect((await store.libraries.get(library.id)).num_chunks).toBe(2);
    });

    it("are not merged where their text is the same", async () => {
      const same = newDocument();
      const written = await fixture.write(same, same, same);
      expect(new Set(written.map(({ document }) => document.id)).size).toBe(3);
      expect((await fixture.search(randomVector(), 10)).hits).toHaveLength(3);
    });

    it("have an id once in an upload, and may be replaced by the next", async () => {
      const { store, library } = fixture;
      const first = newDocument({ id: uuidOf(1), title: "first", uploadId: "one" });
      const second = newDocument({ id: uuidOf(1), title: "second", uploadId: "one" });
      const outcomes = await store.documents.write(library.id, [first, second, newDocument({ uploadId: "one" })]);
      expect(outcomes.map((outcome) => ("error" in outcome ? outcome.error : "written"))).toEqual([
        "written",
        expect.objectContaining({ code: "duplicate_id", field: "id" }),
        "written",
      ]);
      const [again] = await store.documents.write(library.id, [second]);
      expect(again).toMatchObject({ error: { code: "duplicate_id" } });
      expect((await store.documents.get(library.id, uuidOf(1))).document.title).toBe("first");
      await fixture.write({ ...second, uploadId: "two" });
      expect((await store.documents.get(library.id, uuidOf(1))).document.title).toBe("second");
      await fixture.write({ ...second, uploadId: undefined }, { ...second, uploadId: undefined, title: "third" });
      expect((await store.documents.get(library.id, uuidOf(1))).document.title).toBe("third");
    });

    it("fail one by one, and leave nothing where they do", async () => {
      const { store, library } = fixture;
      const chunks = [newChunk(), newChunk({ vector: new Float32Array(3).fill(0.5) })];
      const wrong = newDocument({ id: uuidOf(9), chunks });
      const outcomes = await store.documents.write(library.id, [newDocument(), wrong, newDocument()]);
      expect(outcomes.map((outcome) => "value" in outcome)).toEqual([true, false, true]);
      expect(outcomes[1]).toMatchObject({
        error: { code: "dimension_mismatch", message: expect.stringMatching(/3\b.*8/) },
      });
      expect(await codeOf(store.documents.get(library.id, uuidOf(9)))).toBe("document_not_found");
      expect(await store.libraries.get(library.id)).toMatchObject({ seq: 3, num_documents: 2, num_chunks: 2 });
      expect((await fixture.search(randomVector(), 10)).hits).toHaveLength(2);
    });

    it("are deleted with their chunks", async () => {
      const { store, library } = fixture;
      await fixture.write(newDocument({ id: uuidOf(1) }), newDocument({ id: uuidOf(2) }));
      expect(await store.documents.delete(library.id, uuidOf(1))).toBe(4);
      expect(await codeOf(store.documents.get(library.id, uuidOf(1)))).toBe("document_not_found");
      expect(await codeOf(store.documents.delete(library.id, uuidOf(1)))).toBe("document_not_found");
      expect(idsOf(await fixture.search(randomVector(), 10))).toEqual([uuidOf(2)]);
      expect(await store.libraries.get(library.id)).toMatchObject({ num_documents: 1, num_chunks: 1 });
      const [again] = await fixture.write(newDocument({ id: uuidOf(1) }));
      expect(again?.created).toBe(true);
    });

    it("are written and deleted with a seq only if they have it", async () => {
      const { store, library } = fixture;
      const write = async (ifSeq: number, title = "A title") => {
        const [outcome] = await store.documents.write(library.id, [newDocument({ id: uuidOf(1), title, ifSeq })]);
        return outcome;
      };
      const mismatch = (currentSeq: number) => ({ error: { code: "seq_mismatch", field: "if_seq", currentSeq } });
      expect(await write(2)).toMatchObject(mismatch(0));
      expect(await write(0)).toMatchObject({ value: { created: true, document: { seq: 2 } } });
      expect(await write(0)).toMatchObject(mismatch(2));
      // Of two that were read at the same position, one wins.
      const both = await Promise.all([write(2, "one"), write(2, "two")]);
      expect(both).toMatchObject([{ value: { document: { title: "one", seq: 3 } } }, mismatch(3)]);
      expect(await codeOf(store.documents.delete(library.id, uuidOf(1), 2))).toBe("seq_mismatch");
      expect(await store.documents.delete(library.id, uuidOf(1), 3)).toBe(4);
      expect(await codeOf(store.documents.delete(library.id, uuidOf(1), 3))).toBe("document_not_found");
      expect(await write(3)).toMatchObject(mismatch(0));
      expect((await store.libraries.get(library.id)).seq).toBe(4);
    });

    it("are listed once each while others are written and deleted", async () => {
      const { store, library } = fixture;
      await fixture.write(...newDocuments(20));
      let round = 0;
      const listed = await fixture.pages(
        (cursor) => store.documents.list(library.id, { limit: 5, cursor }),
        async () => {
          if (round < 3)
            await fixture.write(newDocument({ id: uuidOf(100 + round) }), newDocument({ id: uuidOf(round) }));
          // The very row that the cursor stands on.
          if (round === 0) await store.documents.delete(library.id, uuidOf(4));
          round++;
        },
      );
      expect(listed.map(({ id }) => id)).toEqual([...range(0, 19), 100, 101, 102].map(uuidOf));
    });
  });
}
