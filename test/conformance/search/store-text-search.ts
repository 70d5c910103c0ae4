import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HybridSearch, SearchAnswer } from "../../../server/src/store/search-store.ts";
import { cosineDistance } from "../../support/data/vectors.ts";
import { newChunk, newDocument, randomVector, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

const words = ["wing", "heat", "flow", "shock", "layer", "plate"];

export function describeTextSearch(fixture: StoreFixture): void {
  const byWords = (text: string, k = 10, filter?: HybridSearch["filter"]) =>
    fixture.store.searches.search(fixture.library.id, { mode: "text", text, k, filter });
  const byBoth = (search: Omit<HybridSearch, "mode" | "vectorWeight"> & { readonly vectorWeight?: number }) =>
    fixture.store.searches.search(fixture.library.id, { mode: "hybrid", vectorWeight: 0.5, ...search });
  const write = (...texts: readonly string[]) =>
    fixture.write(
      ...texts.map((text, index) => newDocument({ id: uuidOf(index), title: "-", chunks: [newChunk({ text })] })),
    );
  const textsOf = ({ hits }: SearchAnswer) => hits.map(({ text }) => text);

  describe("search by words", () => {
    it("finds chunks that hold some, those that say most first, and tells how well they do", async () => {
      await write("The wing", "heat of a wing and the flow of heat around it", "flow", "nothing of this");
      const answer = await byWords("heat around wings");
      expect(textsOf(answer)).toEqual(["heat of a wing and the flow of heat around it", "The wing"]);
      expect(answer).toMatchObject({ exact: true, seq: 5, count: 2 });
      expect(answer.hits.map(({ distance, rank }) => [distance, rank])).toEqual([
        [null, 1],
        [null, 2],
      ]);
      const [first = 0, second = 0] = answer.hits.map(({ score }) => score);
      expect(first > second && second > 0).toBe(true);
      expect(JSON.parse(answer.hitsJson)).toEqual(answer.hits);
    });

    it("looks at titles too, at forms of a word, and takes nothing of a query for more than words", async () => {
      await fixture.write(newDocument({ title: "Vibrations", chunks: [newChunk({ text: "of plates" })] }));
      expect(textsOf(await byWords("vibrating"))).toEqual(["of plates"]);
      expect(textsOf(await byWords('plate* NEAR("x" OR '))).toEqual(["of plates"]);
      await fixture.write(
        newDocument({
          title: "Zu\u00adsam\u00admen",
          chunks: [newChunk({ text: "\ufeffhidden \u200bsigns\u2060 sep\u200barate\u200d" })],
        }),
      );
      for (const shown of ["Zusammen", "hidden", "signs", "separate", "sepa\u00adrate"])
        expect(textsOf(await byWords(shown))).toHaveLength(1);
      for (const empty of ["?!", "unknown", " "]) expect((await byWords(empty)).hits).toEqual([]);
    });

    it("keeps to the filter, to k, and to what is stored at the moment", async () => {
      await fixture.write(
        ...range(0, 59).map((index) =>
          newDocument({ id: uuidOf(index), metadata: { odd: index % 2 === 1 }, chunks: [newChunk({ text: "flow" })] }),
        ),
      );
      expect((await byWords("flow", 7)).hits.map(({ document_id }) => document_id)).toEqual(range(0, 6).map(uuidOf));
      const odd = await byWords("flow", 1000, { odd: true });
      expect(odd.hits.map(({ document_id }) => document_id)).toEqual(range(0, 29).map((each) => uuidOf(2 * each + 1)));
      await fixture.store.documents.delete(fixture.library.id, uuidOf(1));
      await fixture.write(newDocument({ id: uuidOf(3), chunks: [newChunk({ text: "changed" })] }));
      expect((await byWords("flow", 2, { odd: true })).hits.map(({ document_id }) => document_id)).toEqual([
        uuidOf(5),
        uuidOf(7),
      ]);
      expect((await byWords("changed")).hits[0]?.document_id).toBe(uuidOf(3));
    });

    it("sees every write that was made before it was asked, and tells how it was found", async () => {
      for (const word of words) {
        await write(word);
        expect(textsOf(await byWords(word))).toEqual([word]);
      }
      const { explanation } = await fixture.store.searches.search(fixture.library.id, {
        mode: "text",
        text: "the plates",
        k: 1,
        explain: true,
      });
      expect(explanation).toMatchObject({
        plan: "text",
        index: null,
        words: { terms: ["plate"], added: [], matching: 1 },
      });
    });
  });

  describe("search by words and a vector", () => {
    it("finds what either finds, with true distances and falling scores", async () => {
      const near = newChunk({ text: "no such word" });
      const said = newChunk({ text: "shock and heat" });
      await fixture.write(newDocument({ chunks: [said, near, newChunk({ text: "other" })] }));
      const answer = await byBoth({ text: "shock", vector: near.vector, k: 3 });
      expect(new Set(textsOf(answer).slice(0, 2))).toEqual(new Set(["no such word", "shock and heat"]));
      for (const hit of answer.hits) {
        const vector = hit.text === "shock and heat" ? said.vector : near.vector;
        if (hit.text !== "other") expect(hit.distance).toBeCloseTo(cosineDistance(near.vector, vector), 5);
      }
      const scores = answer.hits.map(({ score }) => score ?? NaN);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect((await byBoth({ text: "shock", vector: near.vector, k: 1, vectorWeight: 0 })).hits[0]?.text).toBe(
        said.text,
      );
    });

    it("orders by the vector alone where that has all the weight, or no word is found", async () => {
      await write(...range(0, 49).map((index) => `${words[index % 6]} ${index}`));
      const vector = randomVector();
      const order = (await fixture.search(vector, 20)).hits.map(({ chunk_id }) => chunk_id);
      const found = async (text: string, vectorWeight: number) =>
        (await byBoth({ text, vector, k: 20, vectorWeight })).hits.map(({ chunk_id }) => chunk_id);
      expect(await found("wing", 1)).toEqual(order);
      expect(await found("unknown", 0.3)).toEqual(order);
    });

    it("has as many hits as there are, all of which pass the filter and lie within the distance", async () => {
      const documents = range(0, 119).map((index) =>
        newDocument({
          id: uuidOf(index),
          metadata: { third: index % 3 },
          chunks: [newChunk({ text: `${words[index % 6]} ${words[index % 5]}` })],
        }),
      );
      await fixture.write(...documents);
      const search = fc.record({
        text: fc.array(fc.constantFrom(...words, "unknown"), { maxLength: 4 }).map((each) => each.join(" ")),
        k: fc.integer({ min: 1, max: 150 }),
        third: fc.option(fc.nat(3), { nil: undefined }),
        maxDistance: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
        vectorWeight: fc.double({ min: 0, max: 1, noNaN: true }),
      });
      await fc.assert(
        fc.asyncProperty(search, async ({ third, ...asked }) => {
          const vector = randomVector();
          const filter = third === undefined ? undefined : { third };
          const { hits } = await byBoth({ ...asked, vector, filter });
          const right = documents.filter(
            ({ metadata, chunks }) =>
              (third === undefined || metadata["third"] === third) &&
              cosineDistance(vector, chunks[0]?.vector ?? []) <= (asked.maxDistance ?? 2) + 1e-6,
          );
          const ids = new Set(right.map(({ id }) => id));
          expect(hits.filter(({ document_id }) => !ids.has(document_id))).toEqual([]);
          expect(new Set(hits.map(({ chunk_id }) => chunk_id)).size).toBe(hits.length);
          expect(hits.length).toBe(Math.min(asked.k, right.length));
        }),
        { numRuns: 40 },
      );
    });

    it("refuses a vector of another dimension, and answers those asked beside it", async () => {
      await write("wing");
      const outcomes = await Promise.allSettled([
        byBoth({ text: "wing", vector: Float32Array.of(1, 0), k: 1 }),
        byWords("wing"),
        byBoth({ text: "wing", vector: randomVector(), k: 1 }),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    });
  });
}
