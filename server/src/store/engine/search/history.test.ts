import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newChunk, newDocument, range, uuidOf, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { cosineDistance, randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { eventually } from "../../../../../test/support/waiting.ts";
import type { StoreHits } from "../../search-store.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { extent } from "../../../../../test/support/suite/extent.ts";

const dimension = 16;
const count = 2_000;
const random = seededRandom(51);

/** The vectors of all documents by their numbers, each of one chunk whose text is the number of the write. */
type State = ReadonlyMap<number, { readonly text: string; readonly vector: Float32Array<ArrayBuffer> }>;

/** Everything is compared in steps, and after each of them others have their turn. */
const slowly = { flatLimit: 100, tailLimit: 400, walkShare: Infinity, comparedAtOnce: 0, longSlice: 0 };
const graph = { type: "auto" } as const;
const lists = { type: "ivf", nlist: 40, nprobe: 20 } as const;

describe.each([graph, lists, { type: "flat" } as const])(
  "Searches in steps, while their library is written to, by $type",
  (index) => {
    let directory: string;
    let store: EmbeddedStore;
    let libraryId: string;
    /** What the library held at each position. */
    const history = new Map<number, State>();
    let state: State = new Map();
    let seq = 0;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
      store = await EmbeddedStore.open({ directory, thresholds: slowly });
      const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
      const library = await store.libraries.create({ ...settings, dimension, index });
      libraryId = library.id;
      seq = library.seq;
      for (const number of range(0, count - 1)) await put(number, randomUnitVector(dimension, random));
      await eventually(async () => !(await store.statistics.isMigrating()));
    }, 120_000);
    afterAll(async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    });

    function note(next: State): void {
      state = next;
      history.set(++seq, state);
    }

    async function put(number: number, vector: Float32Array<ArrayBuffer>): Promise<void> {
      const text = `${seq}`;
      const chunk = newChunk({ text, vector, metadata: { third: number % 3 } });
      const next = new Map(state).set(number, { text, vector });
      const [outcome] = await store.documents.write(libraryId, [newDocument({ id: uuidOf(number), chunks: [chunk] })]);
      valueOf(outcome);
      note(next);
    }

    async function remove(number: number): Promise<void> {
      const next = new Map(state);
      next.delete(number);
      await store.documents.delete(libraryId, uuidOf(number));
      note(next);
    }

    /** Writes until the searches are answered. */
    async function answered(searches: readonly Promise<StoreHits>[], write: () => Promise<void>): Promise<StoreHits[]> {
      const over = new AbortController();
      const all = Promise.all(searches).finally(() => over.abort());
      while (!over.signal.aborted) await write();
      return await all;
    }

    const anyNumber = () => Math.floor(random() * count);
    const nearest = (at: State, query: Float32Array, third: number | undefined) =>
      at
        .entries()
        .filter(([number]) => third === undefined || number % 3 === third)
        .map(([, { text, vector }]) => ({ text, distance: cosineDistance(query, vector) }))
        .toArray()
        .toSorted((a, b) => a.distance - b.distance);

    it("are answered as of one position, and right where they say that they are exact", async () => {
      const search = fc.record({
        k: fc.constantFrom(1, 110, 400),
        exact: fc.boolean(),
        third: fc.constantFrom(undefined, 1),
      });
      let numExact = 0;
      const property = fc.asyncProperty(fc.array(search, { minLength: 1, maxLength: 9 }), async (script) => {
        const asked = script.map((each) => ({ ...each, vector: randomUnitVector(dimension, random) }));
        const searches = asked.map(({ k, exact, third, vector }) =>
          store.searches.search(libraryId, { vector, k, exact, filter: third === undefined ? undefined : { third } }),
        );
        const write = async () => {
          const number = anyNumber();
          if (state.has(number) && random() < 0.3) await remove(number);
          else await put(number, state.get(anyNumber())?.vector ?? randomUnitVector(dimension, random));
        };
        const answers = await answered(searches, write);
        for (const [place, { hits, exact, seq: shown }] of answers.entries()) {
          const { vector, k, third, exact: isWanted } = asked[place] ?? expect.fail();
          const right = nearest(history.get(shown) ?? expect.fail(`no state ${shown}`), vector, third);
          const distanceOf = new Map(right.map(({ text, distance }) => [text, distance]));
          expect(hits).toHaveLength(Math.min(k, right.length));
          for (const { text, distance } of hits) expect(distance).toBeCloseTo(distanceOf.get(text) ?? NaN, 5);
          if (isWanted) expect(exact).toBe(true);
          if (!exact) continue;
          numExact++;
          for (const [rank, { distance }] of hits.entries())
            expect(distance).toBeCloseTo(right[rank]?.distance ?? NaN, 5);
        }
      });
      await fc.assert(property, { numRuns: extent(15, 60) });
      expect(numExact).toBeGreaterThan(extent(10, 40));
    }, 120_000);

    // A few of the lists may be the wrong ones.
    if (index === lists) return;
    it("find a document that is replaced meanwhile, though they walk the graph", async () => {
      for (const number of range(0, count - 1)) {
        if (!state.has(number)) await put(number, randomUnitVector(dimension, random));
      }
      await eventually(async () => !(await store.statistics.isMigrating()));
      for (let round = 0; round < 20; round++) {
        const numbers = range(0, 11).map(anyNumber);
        const vectorOf = (number: number) => state.get(number)?.vector ?? expect.fail();
        const searches = numbers.map((number) =>
          store.searches.search(libraryId, { vector: vectorOf(number), k: 150 }),
        );
        let turn = 0;
        const answers = await answered(searches, async () => {
          const number = numbers[turn++ % numbers.length] ?? 0;
          await put(number, vectorOf(number));
        });
        const first = answers.map(({ hits }) => hits[0]?.distance ?? NaN);
        for (const distance of first) expect(distance).toBeCloseTo(0, 5);
      }
    }, 120_000);
  },
);
