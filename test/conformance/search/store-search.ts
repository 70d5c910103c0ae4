import { describe, expect, it } from "vitest";
import { cosineDistance, randomUnitVector, seededRandom } from "../../support/data/vectors.ts";
import {
  codeOf,
  expectFirst,
  idsOf,
  newChunk,
  newDocument,
  newDocuments,
  randomVector,
  range,
  type StoreFixture,
  uuidOf,
} from "../store-fixture.ts";

export function describeSearch(fixture: StoreFixture): void {
  describe("search", () => {
    it("finds the nearest first, with true distances, and no more than there are", async () => {
      const documents = newDocuments(50);
      await fixture.write(...documents);
      const query = randomVector();
      const expected = documents
        .map(({ id, chunks }) => ({ id, distance: cosineDistance(query, chunks[0]?.vector ?? []) }))
        .toSorted((a, b) => a.distance - b.distance);
      const { hits, seq, exact } = await fixture.search(query, 1000);
      expect({ seq, exact }).toEqual({ seq: 51, exact: true });
      expect(hits.map(({ document_id }) => document_id)).toEqual(expected.map(({ id }) => id));
      expect(hits.map(({ rank }) => rank)).toEqual(range(1, 50));
      for (const [index, hit] of hits.entries()) expect(hit.distance).toBeCloseTo(expected[index]?.distance ?? NaN, 5);
      for (const k of [1, 7, 49]) expectFirst(await fixture.search(query, k), k, hits);
    });

    it("tells all of a hit", async () => {
      const chunk = newChunk({ text: "Text 🙂", pageNumber: 4, metadata: { lang: "cs", n: [1, null] } });
      const [written] = await fixture.write(
        newDocument({ title: "T", author: "A", tags: ["t"], metadata: { year: 1 }, chunks: [newChunk(), chunk] }),
      );
      const { document } = await fixture.store.documents.get(fixture.library.id, written?.document.id ?? "");
      expect((await fixture.search(chunk.vector, 1)).hits).toEqual([
        {
          rank: 1,
          chunk_id: document.chunks[1]?.id,
          document_id: document.id,
          distance: expect.closeTo(0, 5),
          text: "Text 🙂",
          metadata: {
            lang: "cs",
            n: [1, null],
            created_at: document.created_at,
            page_number: 4,
            chunk_index: 1,
            source_document_id: document.id,
          },
          document: {
            title: "T",
            title_generated: false,
            author: "A",
            document_type: null,
            source_url: null,
            tags: ["t"],
            metadata: { year: 1 },
          },
        },
      ]);
    });

    it("keeps distances from 0 to 2", async () => {
      const vector = randomVector();
      const opposite = vector.map((number) => -number);
      await fixture.write(...[vector, opposite].map((each) => newDocument({ chunks: [newChunk({ vector: each })] })));
      const distances = (await fixture.search(vector, 2)).hits.map(({ distance }) => distance);
      expect(distances).toEqual([expect.closeTo(0, 5), expect.closeTo(2, 5)]);
      expect(distances.every((distance) => distance >= 0 && distance <= 2)).toBe(true);
    });

    it("counts the threshold itself in, and what lies beyond it out", async () => {
      await fixture.write(...newDocuments(30));
      const query = randomVector();
      const all = (await fixture.search(query, 30)).hits;
      for (const count of [1, 10, 30]) {
        const limit = all[count - 1]?.distance ?? NaN;
        expectFirst(await fixture.search(query, 30, undefined, limit), 30, all.slice(0, count));
        expectFirst(await fixture.search(query, 5, undefined, limit), 5, all.slice(0, count));
      }
      expect((await fixture.search(query, 5, undefined, 0)).hits).toEqual([]);
    });

    it("counts the identical vector within a threshold of 0, however its numbers were rounded", async () => {
      const documents = newDocuments(40);
      await fixture.write(...documents);
      for (const { id, chunks } of documents) {
        const vector = chunks[0]?.vector ?? randomVector();
        const ways = [{}, { exact: true }, { filter: { chunk_index: 0 } }];
        for (const way of ways) {
          const { hits } = await fixture.answer({ vector, k: 3, maxDistance: 0, ...way });
          expect(hits.map(({ document_id }) => document_id)).toEqual([id]);
        }
        const both = { mode: "hybrid", vectorWeight: 0.5, text: "some", vector, k: 3, maxDistance: 0 } as const;
        const { hits } = await fixture.store.searches.search(fixture.library.id, both);
        expect(hits.map(({ document_id }) => document_id)).toEqual([id]);
      }
    });

    it("gives the first k of those that are equally near, in the order of adding", async () => {
      const chunks = [newChunk({ text: "same" })];
      const vector = chunks[0]?.vector ?? randomVector();
      await fixture.write(newDocument({ id: uuidOf(900) }), ...newDocuments(150).map((each) => ({ ...each, chunks })));
      const { hits, exact } = await fixture.search(vector, 5);
      expect(hits).toHaveLength(5);
      const ids = hits.map(({ document_id }) => document_id);
      expect(ids).toEqual(exact ? range(0, 4).map(uuidOf) : ids.toSorted());
      expect(idsOf(await fixture.search(vector, 1000))).toEqual([...range(0, 149), 900].map(uuidOf));
    });

    it("finds nothing in an empty library", async () => {
      expect(await fixture.search(randomVector(), 10)).toEqual({ hits: [], exact: true, seq: 1 });
      await fixture.write(newDocument({ id: uuidOf(1) }));
      await fixture.store.documents.delete(fixture.library.id, uuidOf(1));
      expect(await fixture.search(randomVector(), 10)).toEqual({ hits: [], exact: true, seq: 3 });
    });

    it("refuses a query of another dimension with both numbers, and answers those asked beside it", async () => {
      await fixture.write(newDocument());
      const asked = [
        fixture.search(randomVector(), 1),
        fixture.search(randomUnitVector(5, seededRandom(1)), 1),
        fixture.search(randomVector(), 1),
      ];
      expect(await Promise.all(asked.map(codeOf))).toEqual([undefined, "dimension_mismatch", undefined]);
      await expect(asked[1]).rejects.toThrow(/5\b.*8/);
    });

    it("gives each of many searches at once its own answer", async () => {
      await fixture.write(...newDocuments(60));
      const searches = Array.from({ length: 40 }, (_each, index) => {
        const filter = index % 3 === 0 ? { chunk_index: 0 } : undefined;
        return { vector: randomVector(), k: 1 + index, filter, maxDistance: index % 5 === 0 ? 0.8 : undefined };
      });
      const ask = (search: (typeof searches)[number]) => fixture.store.searches.search(fixture.library.id, search);
      const together = await Promise.all(searches.map(ask));
      expect(together).toHaveLength(40);
      for (const [index, search] of searches.entries()) {
        const all = await ask({ ...search, k: 1000 });
        expectFirst(together[index] ?? all, search.k, all.hits);
      }
    });

    it("sees every write that was made before it was asked", async () => {
      for (let index = 0; index < 30; index++) {
        const chunk = newChunk({ text: `${index}` });
        await fixture.write(newDocument({ chunks: [chunk] }));
        const { hits, seq } = await fixture.search(chunk.vector, 1);
        expect([hits[0]?.text, seq]).toEqual([`${index}`, index + 2]);
      }
    });
  });
}
