import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import { type Filter, type FilterRecord, matches } from "@arrwdb/protocol/filter/filter";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeletedSlice, DocumentListing } from "../../../server/src/store/document-store.ts";
import { documentOrder, type DocumentSort, sortValue } from "../../../server/src/store/document-sort.ts";
import { extent } from "../../support/suite/extent.ts";
import { filters } from "../search/store-filters.ts";
import { codeOf, newChunk, newDocument, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

const contents = fc.record({
  title: fc.constantFrom("T0", "T1", "T2"),
  author: fc.constantFrom(null, "A1", "A2"),
  expiry: fc.constantFrom(undefined, { at: "2031-01-01T00:00:00.000Z" }, { at: "2033-01-01T00:00:00.000Z" }),
  tags: fc.subarray(["red", "green", "blue"]),
  metadata: fc.record({
    year: fc.constantFrom<(number | string | null | bigint)[]>(2003, 2007, 1, "red", null, 2n ** 60n),
    deep: fc.record({ er: fc.integer({ min: 0, max: 3 }) }),
    even: fc.boolean(),
  }),
  chunks: fc.integer({ min: 1, max: 3 }),
});
const commands = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("write" as const), document: fc.nat(11), contents }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), document: fc.nat(11) }) },
);
const sorts = fc.option(
  fc.record({
    field: fc.constantFrom("year", "title", "tags", "deep.er", "even", "created_at", "expires_at", "nothing"),
    descending: fc.boolean(),
  }),
  { nil: undefined },
);

export function describeDocumentQueries(fixture: StoreFixture): void {
  describe("queries of documents", () => {
    it("count and list what `matches` means by the documents' own fields, whatever was written before", async () => {
      const script = fc.array(commands, { minLength: 1, maxLength: 12 });
      const property = fc.asyncProperty(script, filters, sorts, fc.integer({ min: 1, max: 5 }), async (...given) => {
        const [changes, filter, sort, limit] = given;
        for (const change of changes) await apply(fixture, change);
        const passing = (await everything(fixture)).filter((summary) => matches(filter, recordOf(summary)));
        const { documents: store } = fixture.store;
        const { seq } = await fixture.store.libraries.get(fixture.library.id);
        expect(await store.count(fixture.library.id, { filter })).toEqual({
          documents: passing.length,
          chunks: passing.reduce((sum, { num_chunks }) => sum + num_chunks, 0),
          seq,
        });
        expect(await idsIn(fixture, { filter, sort, limit })).toEqual(idsInOrder(passing, sort));
      });
      await fc.assert(property, { numRuns: extent(60, 400) });
    });

    it("count everything without a filter, and nothing of an empty library", async () => {
      const { store, library } = fixture;
      expect(await store.documents.count(library.id, {})).toEqual({ documents: 0, chunks: 0, seq: 1 });
      expect(await store.documents.count(library.id, { filter: { a: 1 } })).toEqual({
        documents: 0,
        chunks: 0,
        seq: 1,
      });
      await fixture.write(newDocument({ chunks: [newChunk(), newChunk()] }), newDocument());
      expect(await store.documents.count(library.id, {})).toEqual({ documents: 2, chunks: 3, seq: 3 });
      expect(await codeOf(store.documents.count(uuidOf(9), { filter: { a: 1 } }))).toBe("library_not_found");
    });

    it("see long texts and every other value exactly, also in a library that is read in slices", async () => {
      const { store, library } = fixture;
      const long = "x".repeat(300);
      const documents = range(0, 2_999).map((index) =>
        newDocument({ id: uuidOf(index), metadata: { name: `${long}${index % 3}`, number: index } }),
      );
      await fixture.write(...documents);
      const name = `${long}1`;
      expect(await store.documents.count(library.id, { filter: { name } })).toMatchObject({ documents: 1_000 });
      const below = await store.documents.list(library.id, {
        filter: { name, number: { $lt: 10 } },
        sort: { field: "number", descending: true },
        limit: 2,
      });
      expect(below.items.map(({ metadata }) => metadata["number"])).toEqual([7, 4]);
      await store.documents.delete(library.id, uuidOf(4));
      expect(await store.documents.count(library.id, { filter: { name, number: { $lt: 10 } } })).toMatchObject({
        documents: 2,
        seq: 3_002,
      });
    });

    it("keep a cursor to its library, filter and order", async () => {
      const { store, library } = fixture;
      await fixture.write(...range(0, 4).map((index) => newDocument({ metadata: { index } })));
      const list = (listing: Partial<DocumentListing>, id = library.id) =>
        store.documents.list(id, { filter: { index: { $gt: 0 } }, limit: 1, ...listing });
      const cursor = (await list({})).nextCursor ?? "";
      expect((await list({ cursor })).items[0]?.metadata).toEqual({ index: 2 });
      const other = await fixture.createLibrary();
      const refused = [
        list({ cursor }, other.id),
        list({ cursor, filter: { index: { $gt: 1 } } }),
        list({ cursor, sort: { field: "index", descending: false } }),
        list({ cursor: `${cursor}x` }),
        list({ cursor: "MQ" }),
      ];
      expect(await Promise.all(refused.map(codeOf))).toEqual(refused.map(() => "invalid_cursor"));
    });

    it("delete what passes, each as a change of its own, and nothing else", async () => {
      const { store, library } = fixture;
      const script = fc.array(commands, { minLength: 1, maxLength: 12 });
      const property = fc.asyncProperty(script, filters, async (changes, filter) => {
        for (const change of changes) await apply(fixture, change);
        const before = await everything(fixture);
        const { seq } = await store.libraries.get(library.id);
        const passing = before.filter((summary) => matches(filter, recordOf(summary)));
        const last = await deleteAll(fixture, filter);
        expect(last).toEqual({ deleted: passing.length, seq: seq + passing.length });
        expect(await everything(fixture)).toEqual(before.filter((summary) => !passing.includes(summary)));
        const { events } = await store.events.read(library.id, { afterSeq: seq, limit: 100 });
        const inOrder = passing.toSorted((a, b) => a.seq - b.seq).map(({ id }) => ["document.deleted", id]);
        expect(events.map(({ type, data }) => [type, "document_id" in data && data.document_id])).toEqual(inOrder);
        expect(await store.documents.count(library.id, { filter })).toMatchObject({ documents: 0 });
      });
      await fc.assert(property, { numRuns: extent(20, 200) });
      const { num_documents: left } = await store.libraries.get(library.id);
      expect(await deleteAll(fixture, {})).toMatchObject({ deleted: left });
      expect(await store.libraries.get(library.id)).toMatchObject({ num_documents: 0, num_chunks: 0 });
      expect((await fixture.search(newChunk().vector, 10)).hits).toEqual([]);
    });

    it("delete nothing that is written after the start, stop when slices are no longer taken, and go on when asked again", async () => {
      const { store, library } = fixture;
      const filter = { kind: "old" };
      const old = (index: number) => newDocument({ id: uuidOf(index), metadata: { kind: "old" } });
      await fixture.write(...range(0, 1_999).map(old));
      const late = range(1_990, 1_999);
      for await (const { deleted, seq } of store.documents.deleteMatching(library.id, { filter })) {
        expect([deleted < 1_990, seq]).toEqual([true, 2_001 + deleted]);
        await fixture.write(...late.map(old), newDocument({ id: uuidOf(2_000), metadata: { kind: "old" } }));
        break;
      }
      const { documents } = await store.documents.count(library.id, { filter });
      expect(documents).toBeGreaterThan(11);
      const slices = store.documents.deleteMatching(library.id, { filter: { $and: [filter] } });
      const first = await slices.next();
      await fixture.write(...late.map(old));
      let last = first.value;
      for await (const slice of slices) last = slice;
      expect(last).toMatchObject({ deleted: documents - late.length });
      expect((await everything(fixture)).map(({ id }) => id)).toEqual(late.map(uuidOf));
      expect(await codeOf(deleteAll(fixture, filter, uuidOf(77)))).toBe("library_not_found");
    });

    it("are answered though many are asked at once, and end with their signal", async () => {
      const { store, library } = fixture;
      await fixture.write(...range(0, 9).map((index) => newDocument({ metadata: { index } })));
      const asked = range(0, 99).map((index) => store.documents.count(library.id, { filter: { index: index % 20 } }));
      expect((await Promise.all(asked)).map(({ documents }) => documents)).toEqual(
        range(0, 99).map((index) => (index % 20 < 10 ? 1 : 0)),
      );
      const reason = new Error("The client left");
      const aborted = store.documents.count(library.id, { filter: { index: 1 } }, AbortSignal.abort(reason));
      await expect(aborted).rejects.toBe(reason);
    });
  });
}

type Command = typeof commands extends fc.Arbitrary<infer Value> ? Value : never;

async function apply(fixture: StoreFixture, change: Command): Promise<void> {
  const id = uuidOf(change.document);
  if (change.kind === "delete") {
    await codeOf(fixture.store.documents.delete(fixture.library.id, id));
    return;
  }
  const { chunks, ...fields } = change.contents;
  await fixture.write(newDocument({ id, ...fields, chunks: range(1, chunks).map(() => newChunk()) }));
}

async function deleteAll(
  fixture: StoreFixture,
  filter: Filter,
  id = fixture.library.id,
): Promise<DeletedSlice | undefined> {
  let last: DeletedSlice | undefined;
  for await (const slice of fixture.store.documents.deleteMatching(id, { filter })) last = slice;
  return last;
}

/** In insertion order. */
const everything = (fixture: StoreFixture) =>
  fixture.pages((cursor) => fixture.store.documents.list(fixture.library.id, { limit: 100, cursor }));

function recordOf({
  id,
  title,
  author,
  tags,
  metadata,
  created_at,
  updated_at,
  expires_at,
}: DocumentSummary): FilterRecord {
  const optional = {
    ...(author === null ? {} : { author }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(expires_at === null ? {} : { expires_at }),
  };
  return { server: { title, ...optional, created_at, updated_at, source_document_id: id }, metadata };
}

async function idsIn(fixture: StoreFixture, listing: DocumentListing): Promise<readonly string[]> {
  const listed = await fixture.pages((cursor) =>
    fixture.store.documents.list(fixture.library.id, { ...listing, cursor }),
  );
  return listed.map(({ id }) => id);
}

/** @param summaries in insertion order */
function idsInOrder(summaries: readonly DocumentSummary[], sort: DocumentSort | undefined): readonly string[] {
  const order = documentOrder(sort);
  return summaries
    .map((summary, key) => ({
      key,
      id: summary.id,
      value: sort === undefined ? undefined : sortValue(recordOf(summary), sort),
    }))
    .toSorted(order)
    .map(({ id }) => id);
}
