import { afterAll, beforeAll, expect, it } from "vitest";
import type { VectorSearch } from "../../../server/src/store/search-store.ts";
import { EmbeddedStore } from "../../../server/src/store/embedded/embedded-store.ts";
import { rm } from "node:fs/promises";
import { temporaryDirectory } from "../../support/server/test-server.ts";
import { StoreFixture } from "../store-fixture.ts";
import { expectRecall } from "./store-recall.ts";

const fixture = new StoreFixture(async () => {
  const directory = await temporaryDirectory();
  const store = await EmbeddedStore.open({ directory });
  const destroy = async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { store, reopen: () => Promise.resolve(store), destroy };
});

beforeAll(() => fixture.begin());
afterAll(() => fixture.destroy());

it("An index that finds half of the nearest does not pass for a store", async () => {
  const { store, library } = fixture;
  const faulty = {
    documents: store.documents,
    searches: {
      search: async (libraryId: string, search: VectorSearch) => {
        const { hits } = await store.searches.search(libraryId, { ...search, k: 2 * search.k });
        return { hits: hits.filter((_hit, place) => place % 2 === 1), exact: false };
      },
    },
  };
  await expect(expectRecall(faulty, library.id)).rejects.toThrow(/of all/);
});
