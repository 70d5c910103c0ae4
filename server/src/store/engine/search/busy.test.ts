import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newChunk, newDocument, uuidOf, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { randomUnitVector, seededRandom } from "../../../../../test/support/data/vectors.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { eventually } from "../../../../../test/support/waiting.ts";

const dimension = 16;
const random = seededRandom(43);
let directory: string;
let store: EmbeddedStore;
let libraryId: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  store = await EmbeddedStore.open({ directory, thresholds: { flatLimit: 100, tailLimit: 500, walkShare: Infinity } });
  const library = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
  libraryId = (await store.libraries.create({ ...library, dimension, index: { type: "auto" } })).id;
});
afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

it("takes what is written into its index though searches never cease", async () => {
  const ended = new AbortController();
  const client = async () => {
    while (!ended.signal.aborted)
      await store.searches.search(libraryId, { vector: randomUnitVector(dimension, random), k: 10 });
  };
  const clients = Array.from({ length: 128 }, client);
  try {
    for (let batch = 0; batch < 20; batch++) {
      const chunks = Array.from({ length: 100 }, (_each, number) =>
        newChunk({ text: `${batch} ${number}`, vector: randomUnitVector(dimension, random), metadata: {} }),
      );
      for (const outcome of await store.documents.write(libraryId, [newDocument({ id: uuidOf(batch), chunks })]))
        valueOf(outcome);
    }
    await eventually(
      async () => {
        const { index } = await store.libraries.statistics(libraryId);
        expect(index).toMatchObject({ kind: "hnsw", pending: 0, rebuilding: false, chunks: 2_000 });
      },
      { within: 20_000 },
    );
  } finally {
    ended.abort();
    await Promise.all(clients);
  }
});
