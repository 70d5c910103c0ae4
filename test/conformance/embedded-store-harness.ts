import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { rm } from "node:fs/promises";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import type { IndexThresholds } from "../../server/src/store/engine/index/index-thresholds.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import type { StoreHarness } from "./store-conformance.ts";

/** An embedded store for the suites, with data of its own. */
export async function openEmbeddedStore(
  thresholds?: Partial<IndexThresholds>,
  index?: IndexSettings,
): Promise<StoreHarness> {
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
