import { rm } from "node:fs/promises";
import { PostgresStore } from "../../server/src/store/postgres/postgres-store.ts";
import type { PostgresServer } from "../support/postgres/postgres-server.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";

/** A store on a database of its own, as the suites of its parts take it. */
export interface PostgresHarness {
  readonly store: PostgresStore;
  readonly keys: PostgresStore["keys"];
  readonly webhooks: PostgresStore["webhooks"];
  readonly reopen: () => Promise<PostgresHarness>;
  readonly destroy: () => Promise<void>;
}

export async function openPostgres(server: PostgresServer): Promise<PostgresHarness> {
  return open(await server.createDatabase(), await temporaryDirectory());
}

async function open(url: string, directory: string): Promise<PostgresHarness> {
  const store = await PostgresStore.open({ url, directory });
  const { keys, webhooks } = store;
  return {
    store,
    keys,
    webhooks,
    reopen: async () => {
      await store.close();
      return open(url, directory);
    },
    destroy: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
