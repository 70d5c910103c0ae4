import type { IndexSettings } from "@arrwdb/protocol/model";
import { rm } from "node:fs/promises";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import type { IndexThresholds } from "../../server/src/store/engine/index/index-settings.ts";
import { temporaryDirectory } from "../support/server.ts";
import { describeStore, type StoreHarness } from "./store-conformance.ts";

async function open(thresholds?: Partial<IndexThresholds>, index?: IndexSettings): Promise<StoreHarness> {
  const directory = await temporaryDirectory();
  // Looks for old events often, so that a test need not wait long.
  const options = { directory, thresholds, retentionInterval: 50 };
  let store = await EmbeddedStore.open(options);
  return {
    store,
    index,
    reopen: async (uploadLifetime) => {
      await store.close();
      store = await EmbeddedStore.open({ ...options, uploadLifetime });
      return store;
    },
    destroy: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describeStore("The embedded store", () => open());
/** So small that nearly every vector goes through the graph. */
describeStore("The embedded store with a graph", () =>
  open({ flatLimit: 4, tailLimit: 12, slice: 3, walkShare: Infinity }),
);
/** So small that nearly every vector goes through lists, which are made anew again and again. */
const fewForLists = { flatLimit: 4, tailLimit: 12, slice: 1, trainAt: 8, listSize: 3, walkShare: Infinity };
const lists = { type: "ivf", nlist: null, nprobe: null } as const;
describeStore("The embedded store with lists", () => open(fewForLists, lists));
