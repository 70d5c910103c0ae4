import { defaultEventSettings } from "@arrwdb/protocol/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dimension, newChunk, newDocument, randomVector } from "../../../../../test/conformance/store-fixture.ts";
import type { StoreSearch } from "../../store.ts";
import { EmbeddedStore } from "../embedded-store.ts";

const searches: Readonly<Record<string, () => StoreSearch>> = {
  "that takes long": () => ({ mode: "text", text: "common", k: 1_000 }),
  "that is answered at once": () => ({ vector: randomVector(), k: 10 }),
};

for (const [what, newSearch] of Object.entries(searches)) {
  it(`answers a caller's one search ${what} among hundreds of another caller's`, async () => {
    const directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    const store = await EmbeddedStore.open({ directory });
    const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
    const { id } = await store.createLibrary({ ...settings, dimension });
    const chunks = Array.from({ length: 100 }, (_each, number) => newChunk({ text: `common word ${number}` }));
    await store.writeDocuments(
      id,
      Array.from({ length: 20 }, () => newDocument({ chunks })),
    );

    let answered = 0;
    const greedy = Array.from({ length: 600 }, async () => {
      await store.search(id, { ...newSearch(), caller: "greedy" });
      answered++;
    });
    await store.search(id, { ...newSearch(), caller: "modest" });
    expect(answered).toBeLessThan(100);
    await Promise.all(greedy);
    await store.close();
    await rm(directory, { recursive: true });
  });
}
