import { compile, type Filter } from "@arrwdb/protocol/filter/filter";
import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newChunk, newDocument, uuidOf, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { eventually } from "../../../../../test/support/waiting.ts";
import { extent } from "../../../../../test/support/suite/extent.ts";

const dimension = 16;
const count = 3_000;
const random = seededRandom(41);

interface Item {
  readonly text: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly metadata: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

const colours = ["red", "green", "blue"];
const items: readonly Item[] = Array.from({ length: count }, (_each, number) => ({
  text: `${number}`,
  vector: randomUnitVector(dimension, random),
  metadata: {
    number,
    ten: number % 10,
    hundred: number % 100,
    thousand: number % 1_000,
    colour: colours[number % 3] ?? "",
    ...(number % 7 === 0 ? { labels: [`l${number % 5}`, "common"] } : {}),
    ...(number % 11 === 0 ? { maybe: number % 2 === 0 ? null : "yes" } : {}),
  },
}));

const condition: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ ten: fc.nat({ max: 11 }) }),
  fc.record({ hundred: fc.record({ $eq: fc.nat({ max: 101 }) }) }),
  fc.record({ thousand: fc.nat({ max: 1_001 }) }),
  fc.record({ colour: fc.record({ $ne: fc.constantFrom(...colours, "none") }) }),
  fc.record({ number: fc.record({ $gt: fc.nat({ max: count }) }) }),
  fc.record({ number: fc.record({ $gte: fc.nat({ max: count }), $lt: fc.nat({ max: count }) }) }),
  fc.record({ number: fc.record({ $lte: fc.nat({ max: 200 }) }) }),
  fc.record({ hundred: fc.record({ $in: fc.array(fc.nat({ max: 100 }), { maxLength: 5 }) }) }),
  fc.record({ ten: fc.record({ $nin: fc.array(fc.nat({ max: 10 }), { maxLength: 9 }) }) }),
  fc.record({ labels: fc.record({ $contains: fc.constantFrom("l0", "l4", "common", "none") }) }),
  fc.record({ colour: fc.record({ $contains: fc.constantFrom("re", "e", "x") }) }),
  fc.record({ maybe: fc.record({ $exists: fc.boolean() }) }),
  fc.record({ ten: fc.record({ $not: fc.record({ $gt: fc.nat({ max: 10 }) }) }) }),
);
const anyFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    condition,
    fc.record({ $and: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ $or: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ $not: tie("filter") }),
  ),
})).filter;

const indexes: readonly IndexSettings[] = [
  { type: "auto" },
  { type: "flat" },
  { type: "hnsw", m: 16, ef_construction: 64, ef: 32, quantization: "f16" },
];

for (const settings of indexes) {
  describe(`Every way to answer with the index ${settings.type}`, () => {
    let directory: string;
    let store: EmbeddedStore;
    let libraryId: string;
    const live = new Map(items.entries());
    const plans = new Set<string>();

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
      store = await EmbeddedStore.open({
        directory,
        thresholds: { flatLimit: 100, tailLimit: 400, walkShare: Infinity },
      });
      const library = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
      libraryId = (await store.libraries.create({ ...library, dimension, index: settings })).id;
      for (let from = 0; from < count; from += 100) {
        const chunks = items.slice(from, from + 100).map((item) => newChunk(item));
        for (const outcome of await store.documents.write(libraryId, [newDocument({ id: uuidOf(from), chunks })]))
          valueOf(outcome);
      }
      // Some are gone, from the graph as from the tail.
      for (const from of [0, 700, 2_900]) {
        await store.documents.delete(libraryId, uuidOf(from));
        for (let number = from; number < from + 100; number++) live.delete(number);
      }
    });
    afterAll(async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    });

    async function check(
      k: number,
      filter: Filter | undefined,
      maxDistance: number | undefined,
      exactly: boolean,
      tally: { wanted: number; found: number },
    ): Promise<void> {
      const vector = randomUnitVector(dimension, random);
      const passes = filter === undefined ? () => true : compile(filter);
      const passing = [...live.values()]
        .filter(({ metadata }) => passes({ server: {}, metadata }))
        .map(({ text, vector: own }) => ({ text, distance: cosineDistance(vector, own) }))
        .filter(({ distance }) => distance <= (maxDistance ?? Infinity))
        .toSorted((a, b) => a.distance - b.distance);
      const search = { vector, k, filter, maxDistance, exact: exactly, explain: true };
      const { hits, exact, explanation } = await store.searches.search(libraryId, search);
      if (explanation !== undefined) plans.add(explanation.plan);
      const truth = passing.slice(0, k);
      expect(hits).toHaveLength(truth.length);
      const known = new Map(passing.map(({ text, distance }) => [text, distance]));
      for (const { text, distance } of hits) expect(distance).toBeCloseTo(known.get(text) ?? -1, 5);
      if (exactly) expect(exact).toBe(true);
      if (exact) expect(hits.map(({ text }) => text)).toEqual(truth.map(({ text }) => text));
      const shown = new Set(hits.map(({ text }) => text));
      tally.wanted += truth.length;
      tally.found += truth.filter(({ text }) => shown.has(text)).length;
    }

    it("ends with k right answers while k exist, whatever the filter, the threshold and the moment", async () => {
      const tally = { wanted: 0, found: 0 };
      const property = fc.asyncProperty(
        fc.constantFrom(1, 10, 50, 1_000),
        fc.option(anyFilter, { nil: undefined }),
        fc.constantFrom(undefined, undefined, 0.2, 0.5, 0.9),
        fc.boolean(),
        (k, filter, maxDistance, exactly) => check(k, filter, maxDistance, exactly, tally),
      );
      await fc.assert(property, { numRuns: extent(30, 120) });
      await eventually(async () => !(await store.statistics.isMigrating()));
      await fc.assert(property, { numRuns: extent(100, 400) });
      expect(tally.found / tally.wanted).toBeGreaterThan(0.97);
    });

    it("is taken at some time", async () => {
      for (const filter of [{ colour: "none" }, { thousand: 250 }, { hundred: 50 }, { ten: { $gte: 1 } }, undefined]) {
        await check(10, filter, undefined, false, { wanted: 0, found: 0 });
      }
      const expected = settings.type === "flat" ? ["none", "read", "scan"] : ["none", "read", "scan", "walk"];
      expect([...plans].filter((plan) => plan !== "disk").toSorted()).toEqual(expected);
    });
  });
}
