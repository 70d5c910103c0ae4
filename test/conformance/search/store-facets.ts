import { type Filter, type FilterRecord, matches } from "@arrwdb/protocol/filter/filter";
import type { Metadata, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import { canonical } from "@arrwdb/protocol/documents/numbers";
import type { Facet, FacetField, Facets, FieldValue } from "@arrwdb/protocol/search/facets";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoreSearch } from "../../../server/src/store/search-store.ts";
import { termOf } from "../../../server/src/store/engine/metadata-index/values/field-term.ts";
import { extent } from "../../support/suite/extent.ts";
import { cosineDistance } from "../../support/data/vectors.ts";
import { newChunk, newDocument, randomVector, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

interface ModelChunk {
  readonly record: FilterRecord;
  readonly vector: Float32Array;
  readonly text: string;
}

const words = ["wing", "heat", "flow"];
const lengthy = "x".repeat(70);
const scalars = fc.constantFrom<MetadataValue & (FieldValue | null)>(
  "a",
  "b",
  `${lengthy}1`,
  `${lengthy}2`,
  "2026-11-27",
  "2026-11-27T00:00:00Z",
  0,
  -0,
  1,
  2.5,
  2 ** 53,
  10n ** 30n,
  true,
  false,
  null,
);
const fieldContents: fc.Arbitrary<MetadataValue> = fc.oneof(
  { weight: 3, arbitrary: scalars },
  fc.array(scalars, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom("x", "y"), scalars, { maxKeys: 2 }),
  fc.array(fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(scalars, fc.array(scalars)), { maxKeys: 2 }), {
    maxLength: 3,
  }),
);
const chunkMetadata = fc.dictionary(fc.constantFrom("a", "b", "a.x"), fieldContents, { maxKeys: 3 });
const facetNames = ["a", "b", "a.x", "b.y", "document_id", "nothing"];
const conditions = fc.oneof(
  scalars,
  scalars.map(($ne) => ({ $ne })),
  fc.constantFrom("a", `${lengthy}1`, 1).map(($gt) => ({ $gt })),
  fc.boolean().map(($exists) => ({ $exists })),
);
const filters: fc.Arbitrary<Filter> = fc.dictionary(fc.constantFrom("a", "b", "a.x"), conditions, { maxKeys: 2 });
const modes = fc.constantFrom("vector", "near", "text", "hybrid");
const asks = fc.record({ filter: filters, limit: fc.integer({ min: 1, max: 6 }), mode: modes });

/** The order of values with as many chunks: booleans, numbers, texts; long ones by their beginning, and then by a hash. */
const inOrder = (values: readonly FieldValue[]) => values.toSorted((a, b) => Buffer.compare(termOf(a), termOf(b)));

/** Counts by asking of every chunk whether it matches each value. */
function facetOf(name: string, limit: number, chunks: readonly ModelChunk[], all: readonly FieldValue[]): Facet {
  const field = name === "document_id" ? "source_document_id" : name;
  const has = ({ record }: ModelChunk, value: FieldValue) => matches({ [field]: value }, record);
  const counts = inOrder(all)
    .map((value) => ({ value, count: chunks.filter((chunk) => has(chunk, value)).length }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
  return {
    values: counts.slice(0, limit),
    missing: chunks.filter((chunk) => !counts.some(({ value }) => has(chunk, value))).length,
    others: counts.slice(limit).reduce((sum, { count }) => sum + count, 0),
  };
}

const isFieldValue = (value: unknown): value is FieldValue =>
  ["string", "number", "bigint", "boolean"].includes(typeof value);

/** Every value that occurs anywhere, once. */
function valuesIn(chunks: readonly ModelChunk[]): readonly FieldValue[] {
  const found = new Set<FieldValue>();
  const look = (value: unknown): void => {
    if (isFieldValue(value)) found.add(canonical(value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(look);
  };
  for (const { record } of chunks) look(record);
  return [...found];
}

export function describeFacets(fixture: StoreFixture): void {
  const count = async (search: StoreSearch): Promise<Facets> =>
    (await fixture.store.searches.search(fixture.library.id, search)).facets ?? {};
  const field = (name: string, limit = 10): FacetField => ({ field: name, limit });

  describe("facets", () => {
    it("count the values of fields among all that match, most frequent first", async () => {
      await fixture.write(
        ...range(0, 29).map((index) =>
          newDocument({
            id: uuidOf(index),
            author: index % 3 === 0 ? null : `A${index % 2}`,
            tags: index % 2 === 0 ? ["even", "all"] : ["all"],
            metadata: { year: 2000 + (index % 5), deep: { er: index < 10 } },
          }),
        ),
      );
      const facets = ["author", "tags", "year", "deep.er", "nothing"].map((name) => field(name, 2));
      const search = { vector: randomVector(), k: 1, facets };
      expect(await count(search)).toEqual({
        author: {
          values: [
            { value: "A0", count: 10 },
            { value: "A1", count: 10 },
          ],
          missing: 10,
          others: 0,
        },
        tags: {
          values: [
            { value: "all", count: 30 },
            { value: "even", count: 15 },
          ],
          missing: 0,
          others: 0,
        },
        year: {
          values: [
            { value: 2000, count: 6 },
            { value: 2001, count: 6 },
          ],
          missing: 0,
          others: 18,
        },
        "deep.er": {
          values: [
            { value: false, count: 20 },
            { value: true, count: 10 },
          ],
          missing: 0,
          others: 0,
        },
        nothing: { values: [], missing: 30, others: 0 },
      });
      expect(await count({ ...search, filter: { year: 2003, tags: "even" } })).toMatchObject({
        tags: {
          values: [
            { value: "all", count: 3 },
            { value: "even", count: 3 },
          ],
        },
        year: { values: [{ value: 2003, count: 3 }], missing: 0, others: 0 },
      });
      expect((await count({ ...search, filter: { year: 1 } }))["author"]).toEqual({
        values: [],
        missing: 0,
        others: 0,
      });
      expect(await fixture.store.searches.search(fixture.library.id, { vector: randomVector(), k: 1 })).toMatchObject({
        facets: undefined,
      });
    });

    it("follow every write", async () => {
      const search = { vector: randomVector(), k: 1, facets: [field("author"), field("document_id")] };
      expect(await count(search)).toEqual({
        author: { values: [], missing: 0, others: 0 },
        document_id: { values: [], missing: 0, others: 0 },
      });
      const chunks = [newChunk(), newChunk()];
      await fixture.write(newDocument({ id: uuidOf(1), author: "A", chunks }), newDocument({ id: uuidOf(2) }));
      expect(await count(search)).toEqual({
        author: { values: [{ value: "A", count: 2 }], missing: 1, others: 0 },
        document_id: {
          values: [
            { value: uuidOf(1), count: 2 },
            { value: uuidOf(2), count: 1 },
          ],
          missing: 0,
          others: 0,
        },
      });
      await fixture.write(newDocument({ id: uuidOf(1), author: "B" }));
      await fixture.store.documents.delete(fixture.library.id, uuidOf(2));
      expect((await count(search))["author"]).toEqual({ values: [{ value: "B", count: 1 }], missing: 0, others: 0 });
    });

    it("tell long texts with the same beginning apart, and write them whole", async () => {
      const long = (end: string) => `https://example.com/${"path/".repeat(20)}${end}`;
      const ends = range(0, 299).map((index) => `${index % 100}`);
      await fixture.write(
        ...ends.map((end, index) =>
          newDocument({ metadata: { url: long(end), n: index, nested: { u: [long(end)] } } }),
        ),
      );
      const facets = [field("url", 1_000), field("nested.u", 1_000)];
      for (const facet of Object.values(await count({ vector: randomVector(), k: 1, facets }))) {
        expect(facet.values.map(({ count: each }) => each)).toEqual(range(1, 100).map(() => 3));
        expect(new Set(facet.values.map(({ value }) => value))).toEqual(new Set(ends.map(long)));
      }
      const filter = { url: { $gt: long("7") }, n: { $lt: 100 } };
      const after = range(0, 99).filter((index) => String(index) > "7");
      const found = await count({ vector: randomVector(), k: 1, facets, filter });
      expect(new Set(found["url"]?.values.map(({ value }) => value))).toEqual(
        new Set(after.map((end) => long(`${end}`))),
      );
    });

    it("are what a plain model counts, in every mode, whatever the metadata and the filter", async () => {
      const numRuns = extent(12, 100);
      const property = fc.asyncProperty(
        fc.array(chunkMetadata, { minLength: 1, maxLength: 40 }),
        fc.array(asks, { minLength: 3, maxLength: 6 }),
        async (metadata, asked) => {
          const { id } = await fixture.createLibrary();
          const chunks = await writeModel(fixture, id, metadata);
          for (const ask of asked) await compareFacets(fixture, id, chunks, ask);
          await fixture.store.libraries.delete(id);
        },
      );
      let compared = 0;
      await fc.assert(
        property.afterEach(() => void compared++),
        { numRuns },
      );
      expect(compared).toBeGreaterThanOrEqual(numRuns);
    });
  });
}

async function writeModel(fixture: StoreFixture, library: string, metadata: readonly Metadata[]) {
  const model = metadata.map((own, index) => ({
    document: uuidOf(index % 15),
    own,
    text: words.filter((_word, bit) => (index >> bit) % 2 === 1).join(" "),
    vector: randomVector(),
  }));
  for (const [id, chunks] of Map.groupBy(model, ({ document }) => document)) {
    const texts = chunks.map(({ own, text, vector }) => newChunk({ text, vector, metadata: own }));
    await fixture.store.documents.write(library, [newDocument({ id, title: "-", chunks: texts })]);
  }
  return model.map(({ document, own, text, vector }): ModelChunk => {
    const record = { server: { title: "-", source_document_id: document }, metadata: own };
    return { record, text, vector };
  });
}

async function compareFacets(
  fixture: StoreFixture,
  library: string,
  chunks: readonly ModelChunk[],
  { filter, limit, mode }: { readonly filter: Filter; readonly limit: number; readonly mode: string },
): Promise<void> {
  const vector = randomVector();
  const text = "wings heat";
  const shared = { k: 3, filter, facets: facetNames.map((field) => ({ field, limit })) };
  const near = mode === "near" ? { maxDistance: 0.9 } : {};
  const search: StoreSearch =
    mode === "text"
      ? { ...shared, mode, text }
      : mode === "hybrid"
        ? { ...shared, mode, text, vector, vectorWeight: 0.5, maxDistance: 1.1 }
        : { ...shared, vector, ...near };
  const greatest = mode === "hybrid" ? 1.1 : mode === "near" ? 0.9 : 2;
  const matching = chunks.filter((chunk) => {
    if (mode === "text" && !/wing|heat/.test(chunk.text)) return false;
    return cosineDistance(vector, chunk.vector) <= greatest + 1e-6 && matches(filter, chunk.record);
  });
  const { facets } = await fixture.store.searches.search(library, search);
  const all = valuesIn(chunks);
  const expected = facetNames.map((name) => [name, facetOf(name, limit, matching, all)] as const);
  expect(facets).toEqual(Object.fromEntries(expected));
}
