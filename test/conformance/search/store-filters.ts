import { type Filter, matches } from "@arrwdb/protocol/filter/filter";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectFirst,
  idsOf,
  newChunk,
  newDocument,
  randomVector,
  range,
  type StoreFixture,
  uuidOf,
} from "../store-fixture.ts";

const noFields = { server: {}, metadata: {} };

export function describeFilters(fixture: StoreFixture): void {
  describe("filters", () => {
    it("mean what `matches` means, whatever the filter", async () => {
      const records = range(0, 59).map((index) => ({
        id: uuidOf(index),
        title: `T${index % 3}`,
        author: index % 4 === 0 ? null : `A${index % 5}`,
        tags: ["red", "green", "blue"].filter((_tag, bit) => (index >> bit) % 2 === 1),
        expiry: index % 3 === 0 ? { at: `203${index % 5}-01-01T00:00:00.000Z` } : undefined,
        metadata: { year: 2000 + (index % 10), ...(index % 2 === 0 ? { even: true } : {}), deep: { er: index % 3 } },
        chunks: [newChunk({ pageNumber: index % 7 === 0 ? null : index % 7, metadata: { part: `P${index % 2}` } })],
      }));
      const written = await fixture.write(...records.map((record) => newDocument(record)));
      const seen = new Map(
        written.map(({ document }, index) => {
          const { id, title, author, tags, metadata, created_at, updated_at, expires_at } = document;
          const { pageNumber, metadata: ofChunk } = records[index]?.chunks[0] ?? newChunk();
          const optional = { ...(author === null ? {} : { author }), ...(tags.length === 0 ? {} : { tags }) };
          const standard = { title, created_at, updated_at, expires_at, page_number: pageNumber, chunk_index: 0 };
          const server = { ...optional, ...standard, source_document_id: id };
          return [id, { server, metadata: { ...metadata, ...ofChunk } }];
        }),
      );
      const query = randomVector();
      const everything = (await fixture.search(query, 60)).hits;
      expect(everything).toHaveLength(60);
      await fc.assert(
        fc.asyncProperty(filters, fc.integer({ min: 1, max: 60 }), async (filter, k) => {
          const passing = everything.filter(({ document_id }) => matches(filter, seen.get(document_id) ?? noFields));
          expectFirst(await fixture.search(query, k, filter), k, passing);
        }),
        { numRuns: 150 },
      );
    });

    it("see custom metadata behind a standard field that a document has not", async () => {
      const metadata = { author: "custom", document_type: "custom" };
      await fixture.write(
        newDocument({ id: uuidOf(1), metadata }),
        newDocument({ id: uuidOf(2), metadata, author: "standard" }),
      );
      expect(idsOf(await fixture.search(randomVector(), 10, { author: "custom" }))).toEqual([uuidOf(1)]);
      expect(idsOf(await fixture.search(randomVector(), 10, { author: "standard" }))).toEqual([uuidOf(2)]);
      expect((await fixture.search(randomVector(), 10, { document_type: "custom" })).hits).toHaveLength(2);
    });

    it("look at the chunk's metadata before the document's", async () => {
      const chunks = [newChunk({ text: "a", metadata: { lang: "cs" } }), newChunk({ text: "b" })];
      await fixture.write(newDocument({ metadata: { lang: "en" }, chunks }));
      const texts = async (lang: string) => (await fixture.search(randomVector(), 10, { lang })).hits[0]?.text;
      expect([await texts("cs"), await texts("en")]).toEqual(["a", "b"]);
    });

    it("hold together with the threshold", async () => {
      const documents = range(0, 59).map((index) =>
        newDocument({ id: uuidOf(index), author: index % 2 === 0 ? "even" : "odd" }),
      );
      await fixture.write(...documents);
      const query = randomVector();
      const all = (await fixture.search(query, 60)).hits;
      const limit = all[19]?.distance ?? NaN;
      const expected = all.slice(0, 20).filter(({ document }) => document.author === "even");
      expect(all).toHaveLength(60);
      expectFirst(await fixture.search(query, 60, { author: "even" }, limit), 60, expected);
    });
  });
}

const scalars = fc.oneof(
  fc.constantFrom("T0", "T1", "A1", "A2", "P1", "red", "green"),
  fc.constantFrom(2003, 2007, 1, 3, 0),
  fc.constantFrom(true, false, null),
);
const fields = fc.oneof(
  fc.constantFrom("title", "author", "tags", "page_number", "chunk_index"),
  fc.constantFrom("year", "even", "deep.er", "part", "nothing"),
);
const operands = fc.constantFrom<string | number>("A2", "T1", "P0", 2004, 1, 4);
const conditions = fc.oneof(
  scalars,
  ...["$eq", "$ne", "$contains"].map((name) => scalars.map((operand) => ({ [name]: operand }))),
  ...["$gt", "$gte", "$lt", "$lte"].map((name) => operands.map((operand) => ({ [name]: operand }))),
  ...["$in", "$nin"].map((name) => fc.array(scalars, { maxLength: 3 }).map((operand) => ({ [name]: operand }))),
  fc.boolean().map((operand) => ({ $exists: operand })),
  scalars.map((operand) => ({ $not: { $eq: operand } })),
);
const expiry = fc.oneof(
  fc.boolean().map((operand) => ({ $exists: operand })),
  fc
    .tuple(
      fc.constantFrom("$eq", "$ne", "$gt", "$lte"),
      fc.constantFrom("2031", "2031-01-01T09:00:00+09:00", "2033-01-01"),
    )
    .map(([operator, operand]) => ({ [operator]: operand })),
);
const simple = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fields, conditions).map(([field, condition]): Filter => ({ [field]: condition })) },
  expiry.map((condition): Filter => ({ expires_at: condition })),
);
const several = fc.array(simple, { minLength: 1, maxLength: 3 });
/** Filters on the fields that the documents of this file have. */
export const filters: fc.Arbitrary<Filter> = fc.oneof(
  simple,
  several.map((parts) => ({ $and: parts })),
  several.map((parts) => ({ $or: parts })),
  simple.map((part) => ({ $not: part })),
  fc.tuple(simple, simple).map(([a, b]) => ({ ...a, $or: [a, { $not: { $and: [b, a] } }] })),
);
