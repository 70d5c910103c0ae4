import { fieldOf, type FilterRecord } from "@arrwdb/protocol/filter/field-values";
import { type Filter, matches } from "@arrwdb/protocol/filter/filter";
import { canonical } from "@arrwdb/protocol/documents/numbers";
import type { Metadata, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import type { RankedHit } from "@arrwdb/protocol/search/search";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { termOf } from "../../../server/src/store/engine/metadata-index/values/field-term.ts";
import type { SearchAnswer, StoreSearch, WholeHits } from "../../../server/src/store/search-store.ts";
import { extent } from "../../support/suite/extent.ts";
import { newChunk, newDocument, randomVector, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

const lengthy = "x".repeat(70);
const scalars = fc.constantFrom<string | number | boolean | null>(
  "a",
  "b",
  `${lengthy}1`,
  `${lengthy}2`,
  1,
  2,
  true,
  null,
);
const contents: fc.Arbitrary<MetadataValue> = fc.oneof(
  { weight: 3, arbitrary: scalars },
  fc.array(scalars, { maxLength: 3 }),
);
const chunkMetadata = fc.dictionary(fc.constantFrom("a", "b"), contents, { maxKeys: 2 });
const filters: fc.Arbitrary<Filter> = fc.dictionary(fc.constant("b"), scalars, { maxKeys: 1 });
const asks = fc.record({
  filter: filters,
  mode: fc.constantFrom("vector", "near", "text", "hybrid"),
  field: fc.constantFrom("a", "b", "document_id", "nothing"),
  k: fc.integer({ min: 1, max: 8 }),
  hits: fc.integer({ min: 1, max: 4 }),
});
type Ask = typeof asks extends fc.Arbitrary<infer Value> ? Value : never;

const words = ["wing", "heat", "flow"];

/** What a chunk's groups are called: a value, in a form that orders them, or the last of all for none. */
function groupsOf(hit: RankedHit, field: string): readonly string[] {
  const record: FilterRecord = { server: { source_document_id: hit.document_id }, metadata: hit.metadata };
  const reached = fieldOf(record, field === "document_id" ? "source_document_id" : field);
  const values = Array.isArray(reached) ? reached : [reached];
  const named = values.flatMap((value) =>
    value === null || value === undefined || typeof value === "object" ? [] : nameOf(value),
  );
  return named.length === 0 ? ["none"] : [...new Set(named)].toSorted();
}

const nameOf = (value: string | number | bigint | boolean) => Buffer.from(termOf(canonical(value))).toString("hex");

interface Grouping {
  readonly field: string;
  readonly k: number;
  readonly hits: number;
}

/** Groups of all hits, as plainly as can be. */
function grouped(all: readonly RankedHit[], { field, k, hits }: Grouping) {
  const groups = new Map<string, string[]>();
  for (const hit of all) {
    for (const name of groupsOf(hit, field)) groups.set(name, [...(groups.get(name) ?? []), hit.chunk_id]);
  }
  return [...groups].slice(0, k).map(([name, ids]) => ({ name, ids: ids.slice(0, hits) }));
}

const shown = ({ groups = [] }: SearchAnswer) =>
  groups.map(({ value, results }) => ({
    name: value === null ? "none" : nameOf(value),
    ids: results.map(({ chunk_id }) => chunk_id),
  }));

const sizesOf = (groups: readonly { readonly ids: readonly string[] }[]) =>
  groups.map(({ ids }) => ids.length).toSorted((a, b) => a - b);

export function describeGroups(fixture: StoreFixture): void {
  const search = (asked: StoreSearch & WholeHits) => fixture.store.searches.search(fixture.library.id, asked);
  const spread = (from: Float32Array, distance: number) =>
    Float32Array.from(randomVector(), (number, place) => number * distance + (from[place] ?? 0));
  const unit = (vector: Float32Array<ArrayBuffer>) => {
    const length = Math.hypot(...vector);
    return vector.map((number) => number / length);
  };

  describe("groups", () => {
    it("are the best by their best hits, each with its best", async () => {
      const query = randomVector();
      const near = range(0, 11).map((index) =>
        newDocument({
          id: uuidOf(index),
          author: index % 4 === 3 ? null : `A${index % 4}`,
          chunks: [newChunk({ vector: unit(spread(query, index / 10)) })],
        }),
      );
      await fixture.write(...near);
      const answer = await search({ vector: query, k: 3, groupBy: { field: "author", hits: 2 }, exact: true });
      const all = await search({ vector: query, k: 100, exact: true });
      expect(shown(answer)).toEqual(grouped(all.hits.map(withAuthor), { field: "author", k: 3, hits: 2 }));
      expect(JSON.parse(answer.groupsJson ?? "")).toEqual(answer.groups);
      expect(answer.hits.map(({ rank }) => rank)).toEqual(range(1, answer.count));
      expect(answer.hits.map(({ distance }) => distance)).toEqual(
        answer.hits.map(({ distance }) => distance).toSorted((a, b) => Number(a) - Number(b)),
      );
      expect((await search({ vector: query, k: 3 })).groups).toBeUndefined();
    });

    it("are as many as there are, and have as many hits, wherever these are", async () => {
      const query = randomVector();
      const vectorAt = (index: number) => unit(spread(query, index / 100));
      const place = (index: number) =>
        index === 0 || index > 895 ? "rare" : index > 880 ? `far ${index}` : index % 2 === 0 ? "even" : null;
      const texts = (index: number) =>
        newChunk({ text: index < 500 ? "wing" : "flow", vector: vectorAt(index), metadata: { place: place(index) } });
      for (const part of range(0, 8))
        await fixture.write(
          ...range(0, 9).map((ten) =>
            newDocument({
              id: uuidOf(part * 10 + ten),
              chunks: range(0, 9).map((one) => texts(part * 100 + ten * 10 + one)),
            }),
          ),
        );
      const all = await search({ vector: query, k: 1_000, exact: true });
      expect(all.count).toBe(900);
      for (const [field, k, hits] of [
        ["place", 1, 3],
        ["place", 3, 5],
        ["place", 18, 2],
        ["place", 50, 20],
        ["document_id", 90, 10],
        ["document_id", 5, 10],
        ["nothing", 3, 7],
      ] as const) {
        const asked = { vector: query, k, groupBy: { field, hits }, exact: true };
        const expected = grouped(all.hits, { field, k, hits });
        const answer = await search(asked);
        expect({ groups: shown(answer), exact: answer.exact }).toEqual({ groups: expected, exact: true });
        const quick = shown(await search({ ...asked, exact: undefined }));
        expect(sizesOf(quick)).toEqual(sizesOf(expected));
        const both = await search({ ...asked, mode: "hybrid", text: "wings", vectorWeight: 0.5 });
        if (k >= 18) expect(sizesOf(shown(both))).toEqual(sizesOf(expected));
        const best = both.groups?.map(({ results }) => results[0]?.score ?? -1) ?? [];
        expect([best.length, best]).toEqual([expected.length, best.toSorted((a, b) => b - a)]);
      }
      const near = await search({
        vector: query,
        k: 50,
        maxDistance: all.hits[100]?.distance ?? 0,
        groupBy: { field: "place", hits: 3 },
      });
      expect(shown(near)).toEqual(grouped(all.hits.slice(0, 101), { field: "place", k: 50, hits: 3 }));
    });

    it("of a search by likeness leave out what it names", async () => {
      const documents = range(0, 39).map((index) =>
        newDocument({
          id: uuidOf(index),
          author: `A${index % 3}`,
          chunks: [newChunk(), newChunk({ metadata: { big: index % 2 === 0 } })],
        }),
      );
      await fixture.write(...documents);
      const like = { mode: "like" as const, like: { document_id: uuidOf(7) }, exact: true };
      const all = await search({ ...like, k: 1_000 });
      for (const field of ["document_id", "big"]) {
        const answer = await search({ ...like, k: 30, groupBy: { field, hits: 3 } });
        expect(shown(answer)).toEqual(grouped(all.hits, { field, k: 30, hits: 3 }));
      }
      expect(all.count).toBe(78);
    });

    it("are what a plain model groups, in every mode, whatever the metadata and the filter", async () => {
      const numRuns = extent(12, 100);
      let compared = 0;
      const property = fc.asyncProperty(
        fc.array(chunkMetadata, { minLength: 1, maxLength: 40 }),
        fc.array(asks, { minLength: 3, maxLength: 6 }),
        async (metadata, asked) => {
          const { id } = await fixture.createLibrary();
          await writeChunks(fixture, id, metadata);
          for (const ask of asked) await compareGroups(fixture, id, ask);
          await fixture.store.libraries.delete(id);
          compared++;
        },
      );
      await fc.assert(property, { numRuns });
      expect(compared).toBeGreaterThanOrEqual(numRuns);
    });
  });
}

const withAuthor = (hit: RankedHit): RankedHit => ({
  ...hit,
  metadata: { ...hit.metadata, author: hit.document.author },
});

async function writeChunks(fixture: StoreFixture, library: string, metadata: readonly Metadata[]): Promise<void> {
  const chunks = metadata.map((own, index) =>
    newChunk({ text: words.filter((_word, bit) => (index >> bit) % 2 === 1).join(" "), metadata: own }),
  );
  for (const [id, own] of Map.groupBy(chunks.entries(), ([index]) => index % 15))
    await fixture.store.documents.write(library, [
      newDocument({ id: uuidOf(id), title: "-", chunks: own.map(([, chunk]) => chunk) }),
    ]);
}

async function compareGroups(fixture: StoreFixture, library: string, ask: Ask): Promise<void> {
  const { filter, mode, field, k, hits } = ask;
  const vector = randomVector();
  const text = "wings heat";
  const shared = { filter, exact: true };
  const asked: StoreSearch & WholeHits =
    mode === "text"
      ? { filter, mode, text, k }
      : mode === "hybrid"
        ? { ...shared, mode, text, vector, k, vectorWeight: 0.5, maxDistance: 1.1 }
        : { ...shared, vector, k, ...(mode === "near" ? { maxDistance: 0.9 } : {}) };
  const all = await fixture.store.searches.search(library, { ...asked, k: 1_000 });
  for (const hit of all.hits) expect(matches(filter, { server: {}, metadata: hit.metadata })).toBe(true);
  const answer = await fixture.store.searches.search(library, { ...asked, groupBy: { field, hits } });
  expect(shown(answer)).toEqual(grouped(all.hits, { field, k, hits }));
}
