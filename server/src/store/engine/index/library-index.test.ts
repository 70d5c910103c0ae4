import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { uuidOf } from "../../../../../test/conformance/store-fixture.ts";
import { randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import { defaultThresholds } from "./index-thresholds.ts";
import { type IndexResources, planIndex } from "./index-definition.ts";
import { indexDefinitions } from "./index-kinds.ts";
import { LibraryIndex } from "./library-index.ts";
import type { LibraryChunks } from "./library-metadata.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import type { MaintainedIndex } from "./vector-index.ts";
import { extent } from "../../../../../test/support/suite/extent.ts";

const dimension = 3;
const thresholds = { ...defaultThresholds, flatLimit: 50, tailLimit: 700 };
const graph: IndexSettings = { type: "hnsw", m: 4, ef_construction: 8, ef: 8, quantization: "i8" };
const otherGraph: IndexSettings = { ...graph, m: 5 };

let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"))));
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What is done between two slices of reading. */
const change = fc.record({ adds: fc.nat({ max: 300 }), removes: fc.array(fc.nat(), { maxLength: 60 }) });
const script = fc.record({
  kept: fc.nat({ max: 2_500 }),
  gone: fc.nat({ max: 600 }),
  missing: fc.nat({ max: 1_200 }),
  load: fc.constantFrom("works", "fails", "finds nothing"),
  changes: fc.array(change, { minLength: 1, maxLength: 20 }),
  isClosed: fc.boolean(),
});

it("A library's index has the chunks of its tables, whatever comes and goes while it is opened and made anew", () => {
  const random = seededRandom(9);
  const property = fc.property(script, ({ kept, gone, missing, load, changes, isClosed }) => {
    const table = new Map<number, Float32Array<ArrayBuffer>>();
    const vectors = new Map<number, Float32Array<ArrayBuffer>>();
    let last = 0;
    const newVector = () => {
      vectors.set(++last, randomUnitVector(dimension, random));
      return vectors.get(last) ?? expect.fail();
    };
    const row = (settings: IndexSettings): LibraryRow => ({
      key: 1,
      space: 0,
      next: undefined,
      library: {
        id: uuidOf(1),
        name: "L",
        description: null,
        embedding_model: "none",
        dimension,
        language: "none",
        index: settings,
        events: defaultEventSettings,
        created_at: new Date(0).toISOString(),
        num_documents: 0,
        num_chunks: table.size,
        seq: 1,
      },
    });
    let settings = graph;
    const files = new SnapshotFiles(directory);
    const source = (key: number) => table.get(key);
    const resources: IndexResources = { source, files, thresholds, log: () => undefined };
    const chunks: LibraryChunks = {
      keysAfter: (after, limit) =>
        table
          .keys()
          .filter((key) => key > after)
          .take(limit)
          .toArray(),
      records: () => [],
      record: () => undefined,
    };
    const saved = planIndex(indexDefinitions, { ...resources, library: row(settings).library, size: 0 }).create([]);
    for (let number = 0; number < kept + gone; number++) {
      const vector = newVector();
      saved.add(last, vector);
      if (number % Math.ceil((kept + gone) / Math.max(1, kept)) === 0) table.set(last, vector);
    }
    for (let number = 0; number < missing; number++) {
      const vector = newVector();
      table.set(last, vector);
    }
    const index = new LibraryIndex({
      row: row(settings),
      definitions: indexDefinitions,
      resources,
      chunks,
      vectors: () => ({ vector: source, keysAfter: chunks.keysAfter }),
      discard: () => undefined,
    });
    index.start(function* () {
      yield;
      if (load === "fails") throw new Error("It is damaged");
      yield;
      return load === "works" ? saved : undefined;
    });
    let turn = 0;
    const disturb = () => {
      const { adds, removes } = changes[turn++] ?? { adds: 0, removes: [] };
      index.update(row(settings));
      const keys = [...table.keys()];
      const removed = [...new Set(removes.map((place) => keys[place % keys.length] ?? 0))];
      for (const key of removed) table.delete(key);
      index.remove(removed);
      for (let added = 0; added < adds; added++) {
        const vector = newVector();
        table.set(last, vector);
        index.add(last, vector);
      }
      index.update(row(settings));
    };
    const expectWhole = () => {
      const [current] = index.all;
      if (index.searchable === undefined || current === undefined) return;
      expect(keysOf(current)).toEqual([...table.keys()]);
    };
    const settle = () => {
      for (let steps = 0; ; steps++) {
        if (steps > 10_000) throw new Error("It is not done");
        if (index.preparing) index.prepare(0);
        else if (index.rebuildReason !== undefined) index.rebuild(index.rebuildReason);
        else if (!index.rebuilding || !index.work()) return;
        expectWhole();
        disturb();
        expectWhole();
      }
    };
    if (isClosed) {
      index.prepare(0);
      disturb();
      return index.close();
    }
    settle();
    expect(index.searchable).toBeDefined();
    turn = 0;
    settings = otherGraph;
    index.update(row(settings));
    settle();
    expectWhole();
    index.close();
  });
  fc.assert(property, { numRuns: extent(10, 60) });
}, 120_000);

const keysOf = (index: MaintainedIndex) => [...index.keys()].toSorted((a, b) => a - b);
