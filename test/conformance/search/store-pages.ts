import type { FoundHit } from "@arrwdb/protocol/search/search";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SearchAnswer, StoreSearch } from "../../../server/src/store/search-store.ts";
import { extent } from "../../support/suite/extent.ts";
import { eventually } from "../../support/waiting.ts";
import { codeOf, newChunk, newDocument, randomVector, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

const words = ["wing", "heat", "flow"];
const documents = 24;

const numbers = fc.integer({ min: 1, max: documents });
const asks = fc.record({
  mode: fc.constantFrom("vector", "near", "like", "text", "hybrid"),
  filter: fc.constantFrom(undefined, { kind: "a" }, { kind: { $in: ["a", "b"] } }),
  k: fc.integer({ min: 1, max: 20 }),
});
type Ask = typeof asks extends fc.Arbitrary<infer Value> ? Value : never;
const changes = fc.array(fc.tuple(fc.constantFrom("write", "patch", "delete"), numbers), { maxLength: 6 });

function searchOf({ mode, ...asked }: Ask, vector: Float32Array<ArrayBuffer>, exact?: boolean): StoreSearch {
  const text = "wing heat";
  if (mode === "text") return { ...asked, mode, text };
  if (mode === "like") return { ...asked, mode, exact, like: { document_id: uuidOf(1) } };
  if (mode === "hybrid") return { ...asked, mode, exact, text, vector, vectorWeight: 0.4 };
  return { ...asked, exact, vector, maxDistance: mode === "near" ? 0.9 : undefined };
}

const documentOf = (number: number) =>
  newDocument({
    id: uuidOf(number),
    title: `Title ${number}`,
    chunks: range(0, number % 3).map((index) =>
      newChunk({ text: `${words[(number + index) % 3]} ${number}`, metadata: { kind: "abc"[number % 3] ?? "" } }),
    ),
  });

export function describePages(fixture: StoreFixture): void {
  describe("the pages of a search", () => {
    const fill = () => fixture.write(...range(1, documents).map(documentOf));
    const next = (cursor: string) => fixture.store.searches.page(fixture.library.id, { cursor });
    const cursorOf = ({ pages }: SearchAnswer) => pages?.nextCursor ?? "none";

    async function change([kind, number]: readonly [string, number]): Promise<void> {
      const { store, library } = fixture;
      if (kind === "write") await fixture.write(documentOf(number));
      const patch = { title: "Patched", clearsMetadata: false, metadata: { kind: "d" } };
      if (kind === "patch") await codeOf(store.documents.patch(library.id, uuidOf(number), patch));
      if (kind === "delete") await codeOf(store.documents.delete(library.id, uuidOf(number)));
    }

    it("are together what one search finds, whatever is written between them", async () => {
      const { store, library } = fixture;
      await fill();
      await fc.assert(
        fc.asyncProperty(asks, fc.array(changes, { minLength: 1, maxLength: 4 }), async (ask, writes) => {
          await fixture.write(documentOf(1));
          const vector = randomVector();
          const whole = await store.searches.search(library.id, searchOf({ ...ask, k: 1_000 }, vector, true));
          let page = await store.searches.search(library.id, { ...searchOf(ask, vector), pages: true });
          const hits: FoundHit[] = [...page.hits];
          for (let turn = 0; typeof page.pages?.nextCursor === "string"; turn++) {
            expect(page.hits).toHaveLength(ask.k);
            for (const each of writes[turn % writes.length] ?? []) await change(each);
            const cursor = cursorOf(page);
            page = await next(cursor);
            hits.push(...page.hits);
            expect([page.seq, page.pages?.truncated]).toEqual([whole.seq, false]);
            expect((await next(cursor)).hits).toEqual(page.hits);
          }
          if (page.exact) expect(hits).toEqual(whole.hits);
          expect(hits.map(({ rank }) => rank)).toEqual(range(1, whole.count));
          expect(new Set(hits.map(({ chunk_id }) => chunk_id)).size).toBe(whole.count);
        }),
        { numRuns: extent(12, 300) },
      );
    });

    it("count facets on the first one, and end with one that may be shorter", async () => {
      const { store, library } = fixture;
      await fill();
      const search = { vector: randomVector(), k: 47, facets: [{ field: "kind", limit: 5 }], pages: true };
      const first = await store.searches.search(library.id, search);
      expect([first.count, first.facets?.["kind"]?.values[0]?.count]).toEqual([47, 24]);
      const last = await next(cursorOf(first));
      expect([last.count, last.facets, last.pages]).toEqual([1, undefined, { nextCursor: null, truncated: false }]);
      const all = await store.searches.search(library.id, { ...search, k: 48 });
      expect(all.pages).toEqual({ nextCursor: null, truncated: false });
      const plain = await store.searches.search(library.id, { vector: randomVector(), k: 5 });
      expect(plain.pages).toBeUndefined();
    });

    it("show no document that has expired meanwhile, and all others", async () => {
      const { store, library } = fixture;
      await fill();
      const at = new Date(Date.now() + 1_500).toISOString();
      await fixture.write(newDocument({ id: "soon", expiry: { at }, chunks: range(1, 5).map(() => newChunk()) }));
      await fixture.write(newDocument({ id: "patched", chunks: range(1, 5).map(() => newChunk()) }));
      await fixture.write(newDocument({ id: "longer", expiry: { at } }));
      const search = { vector: randomVector(), k: 1_000 };
      const whole = await store.searches.search(library.id, search);
      const first = await store.searches.search(library.id, { ...search, k: 2, pages: true });
      const unchanged = { clearsMetadata: false, metadata: {} };
      await store.documents.patch(library.id, "patched", { ...unchanged, expiry: { at } });
      await store.documents.patch(library.id, "longer", { ...unchanged, expiry: null });
      await store.documents.delete(library.id, uuidOf(3));
      await eventually(() => expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(at)));
      const second = await next(cursorOf(first));
      // One that is written again under the same id is another.
      await fixture.write(newDocument({ id: "soon" }));
      const hits = [...second.hits];
      for (let page = second; page.pages?.nextCursor !== null; hits.push(...page.hits))
        page = await next(cursorOf(page));
      const hidden = new Set(["soon", "patched"]);
      expect(hits).toEqual(whole.hits.slice(2).filter(({ document_id }) => !hidden.has(document_id)));
      const again = await store.searches.search(library.id, { ...search, k: 30, pages: true });
      const rest = [...again.hits, ...(await next(cursorOf(again))).hits];
      expect(rest.filter(({ document_id }) => document_id === "soon")).toHaveLength(1);
    });

    it("are read by their library's cursors only, as long as it exists", async () => {
      const { store, library } = fixture;
      await fill();
      const other = await fixture.createLibrary();
      const cursor = cursorOf(await store.searches.search(library.id, { vector: randomVector(), k: 2, pages: true }));
      expect(await codeOf(store.searches.page(other.id, { cursor }))).toBe("invalid_cursor");
      const changed = Buffer.from(cursor, "base64url");
      changed.writeUInt8(255, changed.length - 4);
      for (const wrong of ["", "x", `${cursor}=`, cursor.slice(1), changed.toString("base64url")]) {
        expect(await codeOf(next(wrong))).toBe("invalid_cursor");
      }
      changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
      expect(await codeOf(next(changed.toString("base64url")))).toBe("cursor_expired");
      expect((await next(cursor)).count).toBe(2);
      await store.libraries.delete(library.id);
      expect(await codeOf(next(cursor))).toBe("library_not_found");
    });

    it("are gone when the store was closed meanwhile", async () => {
      await fill();
      const search = { vector: randomVector(), k: 2, pages: true };
      const first = await fixture.store.searches.search(fixture.library.id, search);
      await fixture.reopen();
      expect(await codeOf(next(cursorOf(first)))).toBe("cursor_expired");
    });
  });
}
