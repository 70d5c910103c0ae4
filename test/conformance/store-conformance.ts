import { ArrwError, type ErrorCode } from "@arrwdb/protocol/errors";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import { type Filter, matches } from "@arrwdb/protocol/filter";
import type { Library } from "@arrwdb/protocol/model";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NewDocument, Settled, Store } from "../../server/src/store/store.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../support/vectors.ts";

export interface StoreHarness {
  readonly store: Store;
  /** Closes the store and opens it again on the same data. */
  readonly reopen: () => Promise<Store>;
  readonly destroy: () => Promise<void>;
}

const dimension = 8;
const random = seededRandom(7);

export function newDocument(changes: Partial<NewDocument> = {}): NewDocument {
  return {
    id: undefined,
    title: "A title",
    author: null,
    documentType: null,
    sourceUrl: null,
    tags: [],
    metadata: {},
    chunks: [{ text: "some text", pageNumber: null, metadata: {}, vector: randomUnitVector(dimension, random) }],
    ...changes,
  };
}

export const uuidOf = (number: number): string => `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;

export function valueOf<Value>(settled: Settled<Value> | undefined): Value {
  if (settled === undefined) throw new Error("There is no such outcome");
  if ("error" in settled) throw settled.error;
  return settled.value;
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof ArrwError ? error.code : undefined;
  }
}

/** Every promise of the `Store` interface, for every store. */
export function describeStore(name: string, open: () => Promise<StoreHarness>): void {
  describe(`${name} keeps the promises of a store`, () => {
    let harness: StoreHarness;
    let store: Store;
    let library: Library;

    beforeEach(async () => {
      harness = await open();
      store = harness.store;
      library = await store.createLibrary({ name: "Library", description: null, embeddingModel: "none", dimension });
    });
    afterEach(() => harness.destroy());

    const write = async (...documents: readonly NewDocument[]) =>
      (await store.writeDocuments(library.id, documents)).map(valueOf);
    const search = (vector: Float32Array<ArrayBuffer>, k: number, filter?: Filter, maxDistance?: number) =>
      store.search(library.id, { vector, k, filter, maxDistance });

    describe("libraries", () => {
      it("begins at seq 1 and counts each change", async () => {
        expect(library.seq).toBe(1);
        const updated = await store.updateLibrary(library.id, { name: "New", description: "What it holds" });
        expect(updated).toEqual({ ...library, name: "New", description: "What it holds", seq: 2 });
        await write(newDocument());
        expect(await store.getLibrary(library.id)).toEqual({ ...updated, seq: 3, num_documents: 1, num_chunks: 1 });
        expect(await store.deleteLibrary(library.id)).toBe(4);
      });

      it("is gone for every call once it is deleted", async () => {
        await write(newDocument({ id: uuidOf(1) }));
        await store.deleteLibrary(library.id);
        const calls = [
          store.getLibrary(library.id),
          store.updateLibrary(library.id, { name: "x" }),
          store.deleteLibrary(library.id),
          store.getDocument(library.id, uuidOf(1)),
          store.deleteDocument(library.id, uuidOf(1)),
          store.listDocuments(library.id, { limit: 10 }),
          store.search(library.id, { vector: randomUnitVector(dimension, random), k: 1 }),
          store.writeDocuments(library.id, [newDocument()]).then(([settled]) => valueOf(settled)),
        ];
        expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "library_not_found"));
        expect((await store.listLibraries({ limit: 10 })).items).toEqual([]);
      });

      it("lists in the order of creation, page by page", async () => {
        const created = [library];
        for (let index = 0; index < 6; index++) {
          created.push(
            await store.createLibrary({ name: `${index}`, description: null, embeddingModel: "none", dimension }),
          );
        }
        const listed: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.listLibraries({ limit: 3, cursor });
          expect(page.items.length).toBeLessThanOrEqual(3);
          listed.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(listed).toEqual(created.map(({ id }) => id));
      });

      it("refuses a cursor that is not its own", async () => {
        for (const cursor of ["x", "", "a2V5", "k1", "🙂"]) {
          expect(await codeOf(store.listLibraries({ limit: 1, cursor }))).toBe("invalid_cursor");
        }
      });
    });

    describe("documents", () => {
      it("gives back what it was given", async () => {
        const chunks = [
          {
            text: "První odstavec 🙂\nřádek",
            pageNumber: 3,
            metadata: { lang: "cs", deep: { er: [1, "a", null, true] } },
            vector: randomUnitVector(dimension, random),
          },
          { text: "第二段", pageNumber: null, metadata: {}, vector: randomUnitVector(dimension, random) },
        ];
        const [written] = await write(
          newDocument({
            id: uuidOf(5),
            title: "Název",
            author: "Á",
            documentType: "note",
            sourceUrl: "https://a.b/c",
            tags: ["x", "y"],
            metadata: { year: 2020, "a.b": null },
            chunks,
          }),
        );
        expect(written?.created).toBe(true);
        const { document, seq } = await store.getDocument(library.id, uuidOf(5));
        expect(seq).toBe(2);
        expect(document).toMatchObject({
          id: uuidOf(5),
          title: "Název",
          author: "Á",
          document_type: "note",
          source_url: "https://a.b/c",
          tags: ["x", "y"],
          metadata: { year: 2020, "a.b": null },
          num_chunks: 2,
          seq: 2,
          text: "První odstavec 🙂\nřádek\n\n第二段",
        });
        expect(document.chunks.map(({ id: _, ...chunk }) => chunk)).toEqual(
          chunks.map(({ text, pageNumber, metadata }, chunk_index) => ({
            chunk_index,
            text,
            page_number: pageNumber,
            metadata,
          })),
        );
      });

      it("replaces a document as a whole and keeps its place and birth", async () => {
        await write(newDocument({ id: uuidOf(1), tags: ["old"] }), newDocument({ id: uuidOf(2) }));
        const before = (await store.getDocument(library.id, uuidOf(1))).document;
        const vector = randomUnitVector(dimension, random);
        const [replaced] = await write(
          newDocument({
            id: uuidOf(1),
            title: "New",
            chunks: [{ text: "new", pageNumber: null, metadata: {}, vector }],
          }),
        );
        expect(replaced?.created).toBe(false);
        const { document } = await store.getDocument(library.id, uuidOf(1));
        expect(document).toMatchObject({ title: "New", tags: [], created_at: before.created_at, text: "new" });
        expect((await store.listDocuments(library.id, { limit: 10 })).items.map(({ id }) => id)).toEqual([
          uuidOf(1),
          uuidOf(2),
        ]);
        const found = await search(vector, 10);
        expect(found.hits.map(({ text }) => text)).toEqual(["new", "some text"]);
        expect((await store.getLibrary(library.id)).num_chunks).toBe(2);
      });

      it("merges no documents that have the same text", async () => {
        const same = newDocument();
        const written = await write(same, same, same);
        expect(new Set(written.map(({ document }) => document.id)).size).toBe(3);
        expect((await search(randomUnitVector(dimension, random), 10)).hits).toHaveLength(3);
      });

      it("refuses a second document with the same id in one upload, and takes it in the next", async () => {
        const first = newDocument({ id: uuidOf(1), title: "first", uploadId: "one" });
        const second = newDocument({ id: uuidOf(1), title: "second", uploadId: "one" });
        const outcomes = await store.writeDocuments(library.id, [first, second, newDocument({ uploadId: "one" })]);
        expect(outcomes.map((outcome) => ("error" in outcome ? outcome.error : "written"))).toEqual([
          "written",
          expect.objectContaining({ code: "duplicate_id", field: "id" }),
          "written",
        ]);
        expect((await store.getDocument(library.id, uuidOf(1))).document.title).toBe("first");
        await write({ ...second, uploadId: "two" });
        expect((await store.getDocument(library.id, uuidOf(1))).document.title).toBe("second");
      });

      it("lets one that fails hinder no other, and leaves nothing of it", async () => {
        const wrong = newDocument({
          id: uuidOf(9),
          chunks: [{ text: "x", pageNumber: null, metadata: {}, vector: new Float32Array(3).fill(0.5) }],
        });
        const outcomes = await store.writeDocuments(library.id, [newDocument(), wrong, newDocument()]);
        expect(outcomes.map((outcome) => "value" in outcome)).toEqual([true, false, true]);
        expect(outcomes[1]).toMatchObject({
          error: { code: "dimension_mismatch", message: expect.stringMatching(/3 .*8/) },
        });
        expect(await codeOf(store.getDocument(library.id, uuidOf(9)))).toBe("document_not_found");
        expect(await store.getLibrary(library.id)).toMatchObject({ seq: 3, num_documents: 2, num_chunks: 2 });
      });

      it("deletes a document with its chunks", async () => {
        await write(newDocument({ id: uuidOf(1) }), newDocument({ id: uuidOf(2) }));
        expect(await store.deleteDocument(library.id, uuidOf(1))).toBe(4);
        expect(await codeOf(store.getDocument(library.id, uuidOf(1)))).toBe("document_not_found");
        expect(await codeOf(store.deleteDocument(library.id, uuidOf(1)))).toBe("document_not_found");
        expect(
          (await search(randomUnitVector(dimension, random), 10)).hits.map(({ document_id }) => document_id),
        ).toEqual([uuidOf(2)]);
        expect(await store.getLibrary(library.id)).toMatchObject({ num_documents: 1, num_chunks: 1 });
      });

      it("lists each document once while others are written", async () => {
        await write(...Array.from({ length: 20 }, (_, index) => newDocument({ id: uuidOf(index) })));
        const listed: string[] = [];
        let cursor: string | undefined;
        for (let round = 0; round < 4; round++) {
          const page = await store.listDocuments(library.id, { limit: 5, cursor });
          listed.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor ?? undefined;
          await write(newDocument(), newDocument({ id: uuidOf(round) }));
        }
        expect(listed).toEqual(Array.from({ length: 20 }, (_, index) => uuidOf(index)));
      });
    });

    describe("commits", () => {
      it("gives many writers at once a seq each, without gap, and events in order", async () => {
        const events: LibraryEvent[] = [];
        const findable: Promise<unknown>[] = [];
        store.onCommit((batch) => {
          events.push(...batch);
          for (const event of batch) {
            if (event.type === "document.added") findable.push(store.getDocument(library.id, event.data.id));
          }
        });
        const batches = await Promise.all(
          Array.from({ length: 40 }, () =>
            store.writeDocuments(library.id, [newDocument(), newDocument(), newDocument()]),
          ),
        );
        const seqs = batches.flat().map((settled) => valueOf(settled).document.seq);
        expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, index) => index + 2));
        for (const batch of batches) {
          const own = batch.map((settled) => valueOf(settled).document.seq);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 120 }, (_, index) => index + 2));
        await Promise.all(findable);
        expect(findable).toHaveLength(120);
      });

      it("tells each kind of change, and reads the same events back", async () => {
        const events: LibraryEvent[] = [];
        const end = store.onCommit((batch) => events.push(...batch));
        await write(newDocument({ id: uuidOf(1), tags: ["a"] }));
        await write(newDocument({ id: uuidOf(1), title: "Again" }));
        await store.deleteDocument(library.id, uuidOf(1));
        await store.updateLibrary(library.id, { name: "Other" });
        expect(events.map(({ type }) => type)).toEqual([
          "document.added",
          "document.updated",
          "document.deleted",
          "library.updated",
        ]);
        expect(await store.readEvents(library.id, 1, 100)).toEqual(events);
        expect(await store.readEvents(library.id, 3, 1)).toEqual(events.slice(2, 3));
        end();
        await write(newDocument());
        expect(events).toHaveLength(4);
      });

      it("tells of a library's creation and deletion", async () => {
        const events: LibraryEvent[] = [];
        store.onCommit((batch) => events.push(...batch));
        const other = await store.createLibrary({
          name: "Other",
          description: null,
          embeddingModel: "none",
          dimension,
        });
        await store.deleteLibrary(other.id);
        expect(events.map(({ type, seq, library_id }) => [type, seq, library_id])).toEqual([
          ["library.created", 1, other.id],
          ["library.deleted", 2, other.id],
        ]);
      });

      it("fails writes to a library that is deleted meanwhile, and writes no half of them", async () => {
        const writes = Array.from({ length: 30 }, () =>
          store.writeDocuments(library.id, [newDocument(), newDocument()]),
        );
        const deleted = store.deleteLibrary(library.id);
        const late = store.writeDocuments(library.id, [newDocument()]);
        expect(await deleted).toBeGreaterThan(1);
        await Promise.allSettled(writes);
        expect(await codeOf(late.then(([settled]) => valueOf(settled)))).toBe("library_not_found");
      });
    });

    describe("search", () => {
      it("finds the nearest first, with true distances, and no more than there are", async () => {
        const vectors = Array.from({ length: 50 }, () => randomUnitVector(dimension, random));
        await write(
          ...vectors.map((vector, index) =>
            newDocument({ id: uuidOf(index), chunks: [{ text: `${index}`, pageNumber: null, metadata: {}, vector }] }),
          ),
        );
        const query = randomUnitVector(dimension, random);
        const expected = vectors
          .map((vector, index) => ({ id: uuidOf(index), distance: cosineDistance(query, vector) }))
          .toSorted((a, b) => a.distance - b.distance);
        const { hits, seq, exact } = await search(query, 1000);
        expect({ seq, exact }).toEqual({ seq: 51, exact: true });
        expect(hits.map(({ document_id }) => document_id)).toEqual(expected.map(({ id }) => id));
        expect(hits.map(({ rank }) => rank)).toEqual(hits.map((_, index) => index + 1));
        for (const [index, hit] of hits.entries())
          expect(hit.distance).toBeCloseTo(expected[index]?.distance ?? NaN, 5);
      });

      it("counts the threshold itself in, and what lies beyond it out", async () => {
        await write(...Array.from({ length: 30 }, () => newDocument()));
        const query = randomUnitVector(dimension, random);
        const all = (await search(query, 30)).hits;
        const limit = all[9]?.distance ?? NaN;
        expect((await search(query, 30, undefined, limit)).hits).toEqual(all.slice(0, 10));
        expect((await search(query, 5, undefined, limit)).hits).toEqual(all.slice(0, 5));
        expect((await search(query, 5, undefined, 0)).hits).toEqual([]);
      });

      it("tells equal distances in the order of adding", async () => {
        const vector = randomUnitVector(dimension, random);
        const chunks = [{ text: "same", pageNumber: null, metadata: {}, vector }];
        await write(...Array.from({ length: 12 }, (_, index) => newDocument({ id: uuidOf(index), chunks })));
        expect((await search(vector, 5)).hits.map(({ document_id }) => document_id)).toEqual(
          [0, 1, 2, 3, 4].map(uuidOf),
        );
      });

      it("finds nothing in an empty library", async () => {
        expect(await search(randomUnitVector(dimension, random), 10)).toEqual({ hits: [], exact: true, seq: 1 });
      });

      it("refuses a query of another dimension with both numbers", async () => {
        const refused = search(randomUnitVector(5, random), 1);
        await expect(refused).rejects.toMatchObject({
          code: "dimension_mismatch",
          message: expect.stringMatching(/5 .*8/),
        });
      });

      it("filters as `matches` does, whatever the filter", async () => {
        const records = Array.from({ length: 60 }, (_, index) => ({
          title: `T${index % 3}`,
          author: index % 4 === 0 ? null : `A${index % 5}`,
          tags: ["red", "green", "blue"].filter((_tag, bit) => (index >> bit) % 2 === 1),
          metadata: { year: 2000 + (index % 10), ...(index % 2 === 0 ? { even: true } : {}), deep: { er: index % 3 } },
        }));
        const written = await write(
          ...records.map(({ title, author, tags, metadata }) => newDocument({ title, author, tags, metadata })),
        );
        const query = randomUnitVector(dimension, random);
        const everything = (await search(query, 60)).hits;
        await fc.assert(
          fc.asyncProperty(filters, fc.integer({ min: 1, max: 60 }), async (filter, k) => {
            const passing = everything.filter((hit) => {
              const document = written.find((candidate) => candidate.document.id === hit.document_id)?.document;
              if (document === undefined) return false;
              const { title, author, tags, metadata } = document;
              return matches(filter, {
                ...metadata,
                title,
                ...(author === null ? {} : { author }),
                ...(tags.length === 0 ? {} : { tags }),
                page_number: null,
                created_at: document.created_at,
              });
            });
            const { hits } = await search(query, k, filter);
            expect(hits.map(({ chunk_id }) => chunk_id)).toEqual(passing.slice(0, k).map(({ chunk_id }) => chunk_id));
          }),
          { numRuns: 150 },
        );
      });
    });

    it("agrees with a plain model over random changes, and after opening again", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(commands, { minLength: 1, maxLength: 30 }), async (script) => {
          const { id } = await store.createLibrary({
            name: "model",
            description: null,
            embeddingModel: "none",
            dimension,
          });
          const model = new Map<string, { title: string; vectors: Float32Array<ArrayBuffer>[] }>();
          let seq = 1;
          for (const command of script) {
            if (command.kind === "reopen") {
              store = await harness.reopen();
              continue;
            }
            const documentId = uuidOf(command.document);
            if (command.kind === "delete") {
              const outcome = await codeOf(store.deleteDocument(id, documentId));
              expect(outcome).toBe(model.delete(documentId) ? undefined : "document_not_found");
              if (outcome === undefined) seq++;
              continue;
            }
            const vectors = Array.from({ length: command.chunks }, () => randomUnitVector(dimension, random));
            const chunks = vectors.map((vector, index) => ({
              text: `${documentId} ${index}`,
              pageNumber: null,
              metadata: {},
              vector,
            }));
            const [settled] = await store.writeDocuments(id, [
              newDocument({ id: documentId, title: command.title, chunks }),
            ]);
            expect(valueOf(settled)).toMatchObject({ created: !model.has(documentId), document: { seq: ++seq } });
            model.set(documentId, { title: command.title, vectors });
          }
          const all = [...model].flatMap(([document, { vectors }]) =>
            vectors.map((vector, index) => ({ document, index, vector })),
          );
          expect(await store.getLibrary(id)).toMatchObject({ seq, num_documents: model.size, num_chunks: all.length });
          const query = randomUnitVector(dimension, random);
          const { hits } = await store.search(id, { vector: query, k: 1000 });
          const expected = all.toSorted((a, b) => cosineDistance(query, a.vector) - cosineDistance(query, b.vector));
          expect(hits.map(({ text }) => text)).toEqual(expected.map(({ document, index }) => `${document} ${index}`));
          const events = await store.readEvents(id, 0, 1000);
          expect(events.map((event) => event.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
        }),
        { numRuns: 25 },
      );
    });

    it("refuses what comes after it was closed", async () => {
      const pending = store.writeDocuments(library.id, [newDocument()]);
      const closed = store.close();
      expect(await codeOf(store.getLibrary(library.id))).toBe("shutting_down");
      expect(await codeOf(pending)).toBeUndefined();
      await closed;
      await store.close();
    });
  });
}

const commands = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      document: fc.nat(8),
      chunks: fc.integer({ min: 1, max: 6 }),
      title: fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), document: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);

const scalars = fc.constantFrom<string | number | boolean | null>(
  "T0",
  "T1",
  "A1",
  "A2",
  "red",
  "green",
  2003,
  2007,
  1,
  true,
  null,
);
const fields = fc.constantFrom("title", "author", "tags", "year", "even", "deep.er", "nothing", "page_number");
const conditions = fc.oneof(
  scalars,
  ...["$eq", "$ne", "$contains"].map((name) => scalars.map((operand) => ({ [name]: operand }))),
  ...["$gt", "$gte", "$lt", "$lte"].map((name) =>
    fc.constantFrom<string | number>("A2", "T1", 2004, 1).map((operand) => ({ [name]: operand })),
  ),
  ...["$in", "$nin"].map((name) => fc.array(scalars, { maxLength: 3 }).map((operand) => ({ [name]: operand }))),
  fc.boolean().map((operand) => ({ $exists: operand })),
);
const simple = fc.tuple(fields, conditions).map(([field, condition]): Filter => ({ [field]: condition }));
const filters: fc.Arbitrary<Filter> = fc.oneof(
  simple,
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((parts) => ({ $and: parts })),
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((parts) => ({ $or: parts })),
  simple.map((part) => ({ $not: part })),
  fc.tuple(simple, simple).map(([a, b]) => ({ $or: [a, { $not: { $and: [b, a] } }] })),
);
