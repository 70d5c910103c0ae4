import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newChunk, newDocument, valueOf } from "../../../../../../test/conformance/store-fixture.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../../test/support/data/vectors.ts";
import { EmbeddedStore } from "../../../embedded/embedded-store.ts";
import { eventually } from "../../../../../../test/support/waiting.ts";

const dimension = 16;
const count = 3_000;

describe.each([
  ["at once", Infinity],
  ["in steps", 0],
])("Searching a library that is in the graph, %s", (_how, comparedAtOnce) => {
  const random = seededRandom(23);
  const vectors = Array.from({ length: count }, () => randomUnitVector(dimension, random));
  let directory: string;
  let store: EmbeddedStore;
  let libraryId: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    store = await EmbeddedStore.open({
      directory,
      thresholds: { flatLimit: 100, tailLimit: 400, walkShare: Infinity, comparedAtOnce },
    });
    libraryId = (
      await store.libraries.create({
        name: "L",
        description: null,
        embeddingModel: "none",
        dimension,
        events: defaultEventSettings,
      })
    ).id;
    const chunks = vectors.map((vector, number) => newChunk({ text: `${number}`, metadata: { number }, vector }));
    for (let from = 0; from < count; from += 100) {
      const [outcome] = await store.documents.write(libraryId, [
        newDocument({ metadata: { part: from / 100 }, chunks: chunks.slice(from, from + 100) }),
      ]);
      valueOf(outcome);
    }
    await eventually(async () => !(await store.statistics.isMigrating()));
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const truth = (query: Float32Array, last: number, maxDistance = Infinity) =>
    vectors
      .slice(0, last + 1)
      .map((vector, number) => ({ text: `${number}`, distance: cosineDistance(query, vector) }))
      .filter(({ distance }) => distance <= maxDistance)
      .toSorted((a, b) => a.distance - b.distance);

  it("gives as many hits as there are, with true distances, whatever filter and threshold leave", async () => {
    let wanted = 0;
    let found = 0;
    const property = fc.asyncProperty(
      fc.constantFrom(1, 10, 100, 1_000),
      fc.constantFrom(undefined, -1, 0, 5, 150, 1_500, count),
      fc.constantFrom(undefined, 0.2, 0.5, 0.9),
      async (k, last, maxDistance) => {
        const vector = randomUnitVector(dimension, random);
        const filter = last === undefined ? undefined : { number: { $lte: last } };
        const expected = truth(vector, last ?? count, maxDistance).slice(0, k);
        const { hits, exact } = await store.searches.search(libraryId, { vector, k, filter, maxDistance });
        expect(hits).toHaveLength(expected.length);
        for (const { text, distance } of hits) {
          expect(distance).toBeCloseTo(cosineDistance(vector, vectors[Number(text)] ?? []), 5);
        }
        const distances = hits.map(({ distance }) => distance);
        expect(distances).toEqual(distances.toSorted((a, b) => a - b));
        const texts = new Set(hits.map(({ text }) => text));
        const right = expected.filter(({ text }) => texts.has(text)).length;
        expect(right).toBeGreaterThanOrEqual(exact ? expected.length : 0);
        wanted += expected.length;
        found += right;
      },
    );
    await fc.assert(property, { numRuns: 120 });
    expect(found / wanted).toBeGreaterThan(0.95);
  });

  it("walks the graph where that is enough, and compares everything where it is not", async () => {
    const vector = randomUnitVector(dimension, random);
    const exact = async (k: number, filter?: { number: { $lte: number } }, maxDistance?: number) =>
      (await store.searches.search(libraryId, { vector, k, filter, maxDistance })).exact;
    expect(await exact(10)).toBe(false);
    expect(await exact(10, { number: { $lte: count } })).toBe(false);
    expect(await exact(10, undefined, 2)).toBe(false);
    expect(await exact(10, { number: { $lte: 5 } })).toBe(true);
    expect(await exact(10, undefined, truth(vector, count)[4]?.distance)).toBe(true);
  });

  it("answers searches that wait together as it answers each alone", async () => {
    const searches = Array.from({ length: 60 }, (_each, index) => ({
      vector: vectors[index * 7] ?? randomUnitVector(dimension, random),
      k: 1 + (index % 4) * 10,
      filter: index % 5 === 0 ? { part: 3 } : undefined,
    }));
    const together = await Promise.all(searches.map((search) => store.searches.search(libraryId, search)));
    for (const [index, search] of searches.entries()) {
      const alone = await store.searches.search(libraryId, search);
      expect(together[index]?.hits[0]).toEqual(alone.hits[0]);
      expect(together[index]?.hits).toHaveLength(search.k);
      if (search.filter === undefined) expect(alone.hits[0]?.text).toBe(`${index * 7}`);
    }
  });
});
