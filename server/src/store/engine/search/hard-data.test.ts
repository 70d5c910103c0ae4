import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newChunk, newDocument, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { hardData } from "../../../../../test/support/data/hard-vectors.ts";
import { RecallCheck } from "../../../../../test/support/data/recall.ts";
import { seededRandom } from "../../../../../test/support/data/vectors.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { eventually } from "../../../../../test/support/waiting.ts";

const dimension = 64;

describe("A library with the index that is chosen for it finds at least 0.99 of", () => {
  let directory: string;
  let store: EmbeddedStore;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    store = await EmbeddedStore.open({ directory });
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  for (const [name, make] of Object.entries(hardData)) {
    it(name, { timeout: 120_000 }, async () => {
      const { vectors, queries } = make(seededRandom(7), dimension);
      const library = { name, description: null, embeddingModel: "none", dimension, events: defaultEventSettings };
      const { id } = await store.libraries.create(library);
      for (let from = 0; from < vectors.length; from += 250) {
        const chunks = vectors
          .slice(from, from + 250)
          .map((vector, at) => newChunk({ vector, text: `${from + at}`, metadata: { tenth: (from + at) % 10 } }));
        for (const outcome of await store.documents.write(id, [newDocument({ chunks })])) valueOf(outcome);
      }
      const truth = new RecallCheck(queries, vectors);
      const check = async (when: string) => {
        for (const filter of [undefined, { tenth: { $lt: 5 } }, { tenth: 3 }]) {
          // Of the nearest of 30 queries, one is more than 0.01.
          for (const { k, least } of [
            { k: 1, least: 0.9 },
            { k: 10, least: 0.99 },
          ]) {
            const recall = await truth.recall(k, passes(filter), (vector) =>
              store.searches.search(id, { vector, k, filter }),
            );
            expect({ when, filter, k, recall, enough: recall >= least }).toMatchObject({ enough: true });
          }
        }
      };
      await check("at once");
      const settled = { kind: "hnsw", rebuilding: false, pending: 0, measured: expect.anything() };
      const isSettled = async () => expect((await store.libraries.statistics(id)).index).toMatchObject(settled);
      await eventually(isSettled, { within: 60_000 });
      await check("when the graph is whole");
    });
  }
});

const passes = (filter: { readonly tenth: number | { readonly $lt: number } } | undefined) => (row: number) => {
  if (filter === undefined) return true;
  return typeof filter.tenth === "number" ? row % 10 === filter.tenth : row % 10 < filter.tenth.$lt;
};
