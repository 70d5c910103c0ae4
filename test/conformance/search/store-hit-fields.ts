import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highlightingOf } from "@arrwdb/protocol/search/highlight";
import type { HitField } from "@arrwdb/protocol/search/include";
import { FieldChoice } from "../../../server/src/store/chosen-fields.ts";
import type { SearchAnswer } from "../../../server/src/store/search-store.ts";
import { newChunk, newDocument, randomVector, range, type StoreFixture, uuidOf } from "../store-fixture.ts";

const fields: readonly HitField[] = [
  "text",
  "metadata",
  "metadata.part",
  "metadata.deep.er",
  "metadata.created_at",
  "own_metadata",
  "own_metadata.page_number",
  "document",
  "document.title",
  "document.tags",
  "document.metadata",
  "document.metadata.number",
  "embedding",
];

export function describeHitFields(fixture: StoreFixture): void {
  const write = async () => {
    const documents = range(0, 39).map((index) =>
      newDocument({
        id: uuidOf(index),
        title: index % 3 === 0 ? 'Rinse "it"' : "Filters",
        tags: [`tag ${index % 4}`],
        metadata: { number: BigInt(index) * 12_345_678_901_234_567_890n, __proto__: 1 },
        chunks: [
          newChunk({
            text: `${"water ".repeat(index)}rinsed filters`,
            metadata: {
              part: index,
              deep: [{ er: index }, { other: 1 }],
              ...(index % 5 === 0 ? { page_number: "iv" } : {}),
            },
          }),
        ],
      }),
    );
    await fixture.write(...documents);
    return documents;
  };

  describe("the fields of hits", () => {
    it("are those of the whole hit that are included, in every mode, and in groups", async () => {
      const documents = await write();
      const search = fc.record({
        include: fc.uniqueArray(fc.constantFrom(...fields), { maxLength: 5 }),
        mode: fc.constantFrom("vector", "text", "hybrid", "like"),
        k: fc.constantFrom(1, 7, 40),
        grouped: fc.boolean(),
        marked: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(search, async ({ include, mode, k, grouped, marked }) => {
          const asked = {
            k,
            vector: randomVector(),
            text: "rinsing",
            vectorWeight: 0.5,
            exact: true,
            ...(grouped ? { groupBy: { field: "title", hits: 3 } } : {}),
            ...(marked ? { highlight: highlightingOf(true, "rinsing") } : {}),
          };
          const likeness = { ...asked, mode: "like" as const, like: { document_id: uuidOf(3) } };
          const query = mode === "like" ? likeness : { ...asked, mode };
          const { searches } = fixture.store;
          const whole = await searches.search(fixture.library.id, query);
          const some = await searches.search(fixture.library.id, { ...query, include });
          const choice = new FieldChoice(include);
          const expected = whole.hits.map((hit) => {
            const { rank, chunk_id, document_id, distance, score, highlights } = hit;
            const vector = documents.find(({ id }) => id === document_id)?.chunks[0]?.vector ?? new Float32Array();
            return {
              rank,
              chunk_id,
              document_id,
              distance,
              ...(score === undefined ? {} : { score }),
              ...choice.of(hit),
              ...(include.includes("embedding") ? { embedding: Buffer.from(vector.buffer).toString("base64") } : {}),
              ...(highlights === undefined ? {} : { highlights }),
            };
          });
          expect(some.hits).toEqual(expected);
          const inGroups = some.groups?.flatMap(({ results }) => results) ?? [];
          for (const hit of inGroups) expect(hit).toEqual(expected[hit.rank - 1]);
        }),
        { numRuns: 60 },
      );
    });

    it("have the parts of texts and titles with words of the query, in the language of the library", async () => {
      await write();
      const search = { mode: "text" as const, text: "rinsing", k: 1, filter: { part: 3 } };
      const highlight = highlightingOf({ ...defaults, before: "[", after: "]" }, "rinsing");
      const { hits } = await fixture.store.searches.search(fixture.library.id, { ...search, highlight });
      expect(hits[0]?.highlights).toEqual({ text: ["water water water [rinsed] filters"], title: ['[Rinse] "it"'] });
      const other = highlightingOf({ ...defaults, before: "", after: "" }, "nothing of it");
      const none = await fixture.store.searches.search(fixture.library.id, { ...search, highlight: other });
      expect(none.hits[0]?.highlights).toEqual({ text: [], title: [] });
    });

    it("are the same on further pages", async () => {
      await write();
      const search = { vector: randomVector(), k: 15, include: ["document.title" as const], exact: true };
      const highlight = highlightingOf(true, "rinsing");
      const { searches } = fixture.store;
      const whole = await searches.search(fixture.library.id, { ...search, highlight, k: 40 });
      const hits: unknown[] = [];
      let page: SearchAnswer = await searches.search(fixture.library.id, { ...search, highlight, pages: true });
      hits.push(...page.hits);
      for (let cursor = page.pages?.nextCursor; typeof cursor === "string"; cursor = page.pages?.nextCursor) {
        page = await searches.page(fixture.library.id, { cursor });
        hits.push(...page.hits);
      }
      expect(hits).toEqual(whole.hits);
    });

    it("are those of the last write, also after they were shown", async () => {
      await write();
      const search = { vector: randomVector(), k: 40, include: ["document.title" as const] };
      const titles = async () =>
        new Set(
          (await fixture.store.searches.search(fixture.library.id, search)).hits.map(({ document }) => document?.title),
        );
      expect(await titles()).toEqual(new Set(['Rinse "it"', "Filters"]));
      for (const index of range(0, 39)) {
        await fixture.store.documents.patch(fixture.library.id, uuidOf(index), {
          title: "Patched",
          metadata: {},
          clearsMetadata: false,
        });
      }
      expect(await titles()).toEqual(new Set(["Patched"]));
    });
  });
}

const defaults = {
  fields: ["text" as const, "title" as const],
  fragments: 3,
  fragment_characters: 200,
  escape: "none" as const,
};
