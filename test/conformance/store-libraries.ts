import { describe, expect, it } from "vitest";
import { codeOf, newDocument, randomVector, type StoreFixture, uuidOf, valueOf } from "./store-fixture.ts";

export function describeLibraries(fixture: StoreFixture): void {
  describe("libraries", () => {
    it("begin at seq 1 and count each change", async () => {
      const { store, library } = fixture;
      expect(library).toMatchObject({ seq: 1, num_documents: 0, num_chunks: 0, name: "Library", description: null });
      const updated = await store.libraries.update(library.id, { name: "Nový 🙂", description: "What it holds" });
      expect(updated).toEqual({ ...library, name: "Nový 🙂", description: "What it holds", seq: 2 });
      await fixture.write(newDocument());
      expect(await store.libraries.get(library.id)).toEqual({ ...updated, seq: 3, num_documents: 1, num_chunks: 1 });
      expect(await store.libraries.delete(library.id)).toBe(4);
    });

    it("change only what a patch names", async () => {
      const { store, library } = fixture;
      await store.libraries.update(library.id, { description: "d" });
      expect(await store.libraries.update(library.id, { name: "n" })).toMatchObject({ name: "n", description: "d" });
      expect(await store.libraries.update(library.id, { description: null })).toMatchObject({
        name: "n",
        description: null,
      });
    });

    it("are gone for every call once they are deleted", async () => {
      const { store, library } = fixture;
      await fixture.write(newDocument({ id: uuidOf(1) }));
      await store.libraries.delete(library.id);
      const calls = [
        store.libraries.get(library.id),
        store.libraries.update(library.id, { name: "x" }),
        store.libraries.delete(library.id),
        store.documents.get(library.id, uuidOf(1)),
        store.documents.delete(library.id, uuidOf(1)),
        store.documents.list(library.id, { limit: 10 }),
        store.events.read(library.id, { afterSeq: 0, limit: 10 }),
        fixture.search(randomVector(), 1),
        store.documents.write(library.id, [newDocument()]).then(([settled]) => valueOf(settled)),
      ];
      expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "library_not_found"));
      expect((await store.libraries.list({ limit: 10 })).items).toEqual([]);
      await fixture.reopen();
      expect(await codeOf(fixture.store.libraries.get(library.id))).toBe("library_not_found");
    });

    it("keep their documents to themselves", async () => {
      const { store, library } = fixture;
      const other = await fixture.createLibrary();
      await fixture.write(newDocument({ id: uuidOf(1), title: "mine" }));
      valueOf((await store.documents.write(other.id, [newDocument({ id: uuidOf(1), title: "theirs" })]))[0]);
      expect((await store.documents.get(library.id, uuidOf(1))).document.title).toBe("mine");
      const { hits } = await store.searches.search(other.id, { vector: randomVector(), k: 10 });
      expect(hits.map(({ document }) => document.title)).toEqual(["theirs"]);
      await store.libraries.delete(other.id);
      expect((await fixture.search(randomVector(), 10)).hits).toHaveLength(1);
    });

    it("are found by name, those that exist under it now", async () => {
      const { store, library } = fixture;
      const other = await fixture.createLibrary();
      const named = (name: string, among: readonly string[] | null = null) => store.libraries.named(name, among);
      expect(await named("Library")).toEqual([library.id, other.id]);
      expect(await named("Library", [other.id, uuidOf(404)])).toEqual([other.id]);
      expect(await named("library")).toEqual([]);
      await store.libraries.update(library.id, { name: "Other" });
      expect([await named("Library"), await named("Other")]).toEqual([[other.id], [library.id]]);
      const taken = [
        store.libraries.update(other.id, { name: "Other", uniqueName: true }),
        fixture.createLibrary({ name: "Other", uniqueName: true }),
      ];
      expect(await Promise.all(taken.map(codeOf))).toEqual(["name_taken", "name_taken"]);
      expect(await store.libraries.update(library.id, { name: "Other", uniqueName: true })).toMatchObject({ seq: 3 });
      await store.libraries.delete(library.id);
      expect(await named("Other")).toEqual([]);
      await fixture.createLibrary({ name: "Other", uniqueName: true });
      await fixture.reopen();
      expect(await fixture.store.libraries.named("Other", null)).toHaveLength(1);
    });

    it("are listed in the order of creation, page by page", async () => {
      const { store } = fixture;
      const created = [fixture.library.id];
      for (let index = 0; index < 6; index++) created.push((await fixture.createLibrary()).id);
      const listed = await fixture.pages((cursor) => store.libraries.list({ limit: 3, cursor }));
      expect(listed.map(({ id }) => id)).toEqual(created);
    });

    it("refuse a cursor that is not of their list", async () => {
      const { store, library } = fixture;
      await fixture.createLibrary();
      await fixture.write(newDocument(), newDocument());
      const { nextCursor } = await store.libraries.list({ limit: 1 });
      const ofDocuments = (await store.documents.list(library.id, { limit: 1 })).nextCursor;
      expect([typeof nextCursor, typeof ofDocuments]).toEqual(["string", "string"]);
      for (const cursor of ["x", "", "a2V5", "k1", "🙂", `${nextCursor}=`, `!${nextCursor}`, ofDocuments ?? ""]) {
        expect([cursor, await codeOf(store.libraries.list({ limit: 1, cursor }))]).toEqual([cursor, "invalid_cursor"]);
      }
      const foreign = store.documents.list(library.id, { limit: 1, cursor: nextCursor ?? "" });
      expect(await codeOf(foreign)).toBe("invalid_cursor");
    });
  });
}
