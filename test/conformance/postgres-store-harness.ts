import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { rm } from "node:fs/promises";
import type { IndexThresholds } from "../../server/src/store/engine/index/index-thresholds.ts";
import { PostgresStore } from "../../server/src/store/postgres/postgres-store.ts";
import type { PostgresServer } from "../support/postgres/postgres-server.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import type { StoreHarness } from "./store-conformance.ts";

/** A store on a database of its own for the suites. */
export async function openPostgresStore(
  server: PostgresServer,
  thresholds?: Partial<IndexThresholds>,
  index?: IndexSettings,
): Promise<StoreHarness> {
  const directory = await temporaryDirectory();
  // Looks for old events often, so that a test need not wait long.
  const options = { url: await server.createDatabase(), directory, thresholds, retentionInterval: 50 };
  let store = await PostgresStore.open(options);
  return {
    store,
    index,
    reopen: async (uploadLifetime) => {
      await store.close();
      store = await PostgresStore.open({ ...options, uploadLifetime });
      return store;
    },
    destroy: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
