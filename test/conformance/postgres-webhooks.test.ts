import { rm } from "node:fs/promises";
import { beforeAll } from "vitest";
import { PostgresStore } from "../../server/src/store/postgres/postgres-store.ts";
import { postgresMissing, PostgresServer } from "../support/postgres/postgres-server.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { describeUnless } from "../support/skipping.ts";
import { describeWebhookStore, type WebhookStoreHarness } from "./webhook-store-conformance.ts";

async function open(url: string, directory: string): Promise<WebhookStoreHarness> {
  const store = await PostgresStore.open({ url, directory });
  return {
    store,
    webhooks: store.webhooks,
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

describeUnless(await postgresMissing(), "With a real PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });

  describeWebhookStore("The store on PostgreSQL", async () =>
    open(await server.createDatabase(), await temporaryDirectory()),
  );
});
