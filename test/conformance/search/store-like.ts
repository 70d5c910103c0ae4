import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Like } from "@arrwdb/protocol/search/like";
import type { LikeSearch } from "../../../server/src/store/search-store.ts";
import { codeOf, newChunk, newDocument, randomVector, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

const unknown = uuidOf(999_999);

/** The direction of the sum. */
function meanOf(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const sum = Array.from(vectors[0] ?? [], (_each, index) =>
    vectors.reduce((total, vector) => total + (vector[index] ?? 0), 0),
  );
  const length = Math.hypot(...sum);
  return new Float32Array(sum.map((number) => number / length));
}

export function describeLike(fixture: StoreFixture): void {
  const likeTo = (like: Like, search: Partial<LikeSearch> = {}) =>
    fixture.store.searches.search(fixture.library.id, { mode: "like", like, k: 10, exact: true, ...search });

  describe("search by likeness", () => {
    it("is the search by the mean vector without what it names", async () => {
      const documents = range(0, 39).map((index) =>
        newDocument({
          id: uuidOf(index),
          metadata: { third: index % 3 },
          chunks: range(0, index % 5).map(() => newChunk()),
        }),
      );
      const written = await fixture.write(...documents);
      const search = fc.record({
        place: fc.nat(documents.length - 1),
        chunk: fc.option(fc.nat(4)),
        k: fc.integer({ min: 1, max: 150 }),
        third: fc.option(fc.nat(2), { nil: undefined }),
        maxDistance: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
      });
      await fc.assert(
        fc.asyncProperty(search, async ({ place, chunk, k, third, maxDistance }) => {
          const id = written[place]?.document.id ?? "";
          const { chunks } = (await fixture.store.documents.get(fixture.library.id, id)).document;
          const chosen = chunk === null ? chunks : chunks.slice(chunk % chunks.length, (chunk % chunks.length) + 1);
          const vectors = chosen.map((each) => documents[place]?.chunks[each.chunk_index]?.vector ?? randomVector());
          const filter = third === undefined ? undefined : { third };
          const found = await likeTo(chunk === null ? { document_id: id } : { chunk_id: chosen[0]?.id ?? "" }, {
            k,
            filter,
            maxDistance,
            facets: [{ field: "third", limit: 3 }],
          });
          const all = await fixture.answer({ vector: meanOf(vectors), k: 200, filter, maxDistance, exact: true });
          const matching = all.hits.filter(({ chunk_id }) => chosen.every(({ id: own }) => own !== chunk_id));
          const counts = new Map(found.facets?.["third"]?.values.map(({ value, count }) => [value, count]));
          const truth = Map.groupBy(matching, ({ document }) => document.metadata["third"]);
          expect(counts).toEqual(new Map([...truth].map(([value, hits]) => [value, hits.length])));
          const others = matching.slice(0, k);
          expect(found.hits.map(({ chunk_id }) => chunk_id)).toEqual(others.map(({ chunk_id }) => chunk_id));
          expect(found.hits.map(({ rank }) => rank)).toEqual(range(1, others.length));
          for (const [index, { distance }] of found.hits.entries()) {
            expect(distance).toBeCloseTo(others[index]?.distance ?? NaN, 5);
          }
        }),
        { numRuns: 40 },
      );
    });

    it("takes a document of thousands of chunks, also beside what is written meanwhile", async () => {
      const chunks = range(0, 1_999).map((index) => newChunk({ vector: index === 0 ? randomVector() : shared }));
      await fixture.write(newDocument({ id: uuidOf(1), chunks }), newDocument({ id: uuidOf(2) }));
      const found = likeTo({ document_id: uuidOf(1) }, { k: 5 });
      await fixture.write(newDocument({ id: uuidOf(3) }));
      const { hits, seq } = await found;
      expect(hits.map(({ document_id }) => document_id).toSorted()).toEqual(
        seq === 3 ? [uuidOf(2)] : [uuidOf(2), uuidOf(3)],
      );
    });

    it("refuses what is not in the library, and a mean without a direction", async () => {
      const vector = randomVector();
      const opposite = vector.map((number) => -number);
      const chunks = [newChunk({ vector }), newChunk({ vector: opposite })];
      await fixture.write(newDocument({ id: uuidOf(1), chunks }));
      expect(await codeOf(likeTo({ document_id: unknown }))).toBe("document_not_found");
      expect(await codeOf(likeTo({ chunk_id: unknown }))).toBe("chunk_not_found");
      expect(await codeOf(likeTo({ document_id: uuidOf(1) }))).toBe("validation_failed");
      const other = await fixture.createLibrary();
      const asked = { mode: "like", like: { document_id: uuidOf(1) }, k: 1 } as const;
      expect(await codeOf(fixture.store.searches.search(other.id, asked))).toBe("document_not_found");
      const { document } = await fixture.store.documents.get(fixture.library.id, uuidOf(1));
      const chunk_id = document.chunks[0]?.id ?? "";
      const ofChunk = { mode: "like", like: { chunk_id }, k: 1 } as const;
      expect(await codeOf(fixture.store.searches.search(other.id, ofChunk))).toBe("chunk_not_found");
      expect((await likeTo({ chunk_id })).hits.map(({ metadata }) => metadata.chunk_index)).toEqual([1]);
      await fixture.write(newDocument({ id: uuidOf(1) }));
      expect(await codeOf(likeTo({ chunk_id }))).toBe("chunk_not_found");
      expect((await likeTo({ document_id: uuidOf(1) })).hits).toEqual([]);
    });
  });
}

const shared = randomVector();
