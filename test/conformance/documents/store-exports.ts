import type { Library } from "@arrwdb/protocol/documents/model";
import { describe, expect, it } from "vitest";
import type { ExportedDocument, LibraryExport } from "../../../server/src/store/library-export.ts";
import type { Store } from "../../../server/src/store/store.ts";
import {
  codeOf,
  newChunk,
  newDocument,
  newDocuments,
  randomVector,
  type StoreFixture,
  uuidOf,
} from "../store-fixture.ts";
import { eventually } from "../../support/waiting.ts";

async function rest(exported: LibraryExport): Promise<ExportedDocument[]> {
  const documents: ExportedDocument[] = [];
  for (;;) {
    const page = await exported.next();
    if (page.length === 0) return documents;
    documents.push(...page);
  }
}

async function exportAll(store: Store, { id }: Library) {
  const exported = await store.libraries.export(id);
  const documents = await rest(exported);
  exported.end();
  return { library: exported.library, documents };
}

export function describeExports(fixture: StoreFixture): void {
  describe("an export", () => {
    it("holds the library and every document as it was written, with its vectors, in order", async () => {
      const { store, library } = fixture;
      const chunks = [newChunk({ text: "one", pageNumber: 2, metadata: { a: [1, null] } }), newChunk({ text: "two" })];
      await fixture.write(newDocument({ id: uuidOf(2), chunks, metadata: { deep: { er: "🙂" } } }));
      await fixture.write(...newDocuments(2));
      // One that is replaced keeps its place.
      await fixture.write(newDocument({ id: uuidOf(2), title: "again", chunks }));
      const { library: told, documents } = await exportAll(store, library);
      expect(told).toEqual(await store.libraries.get(library.id));
      expect(documents.map(({ document }) => document.id)).toEqual([2, 0, 1].map(uuidOf));
      expect(documents[0]?.vectors).toEqual(chunks.map(({ vector }) => vector));
      for (const { document } of documents) {
        expect(document).toEqual((await store.documents.get(library.id, document.id)).document);
      }
    });

    it("is as of its position, whatever is written while it is read", async () => {
      const { store, library } = fixture;
      // More than goes to the main thread at a time.
      const text = "x".repeat(90_000);
      const many = Array.from({ length: 12 }, (_each, index) =>
        newDocument({ id: uuidOf(index), title: "before", chunks: [newChunk({ text })] }),
      );
      await fixture.write(...many);
      const exported = await store.libraries.export(library.id);
      const first = await exported.next();
      expect(first.length).toBeLessThan(many.length);
      await fixture.write(newDocument({ id: uuidOf(99) }), newDocument({ id: uuidOf(11), title: "after" }));
      await store.documents.delete(library.id, uuidOf(10));
      const documents = [...first, ...(await rest(exported))];
      exported.end();
      expect(exported.library).toMatchObject({ seq: 13, num_documents: 12 });
      expect(documents.map(({ document }) => document.title)).toEqual(many.map(() => "before"));
      expect((await exportAll(store, library)).documents).toHaveLength(12);
      expect((await fixture.search(randomVector(), 20)).hits).toHaveLength(12);
    });

    it("of a library without documents, or one that is not there, says so", async () => {
      const { store, library } = fixture;
      expect(await exportAll(store, library)).toEqual({ library, documents: [] });
      expect(await codeOf(store.libraries.export(uuidOf(404)))).toBe("library_not_found");
      await store.libraries.delete(library.id);
      expect(await codeOf(store.libraries.export(library.id))).toBe("library_not_found");
    });

    it("is refused where too many are open, and makes room when it ends", async () => {
      const { store, library } = fixture;
      const open: LibraryExport[] = [];
      const openUntilRefused = async () => {
        for (let count = 0; count < 100; count++) open.push(await store.libraries.export(library.id));
      };
      expect(await codeOf(openUntilRefused())).toBe("overloaded");
      for (const exported of open) exported.end();
      open[0]?.end();
      expect(await codeOf(open[0]?.next() ?? Promise.resolve())).toBeDefined();
      await eventually(async () => expect(await codeOf(exportAll(store, library))).toBeUndefined());
    });
  });
}
