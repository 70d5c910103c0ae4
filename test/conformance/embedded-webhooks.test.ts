import { rm } from "node:fs/promises";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { describeWebhookStore, type WebhookStoreHarness } from "./webhook-store-conformance.ts";

async function open(directory: string): Promise<WebhookStoreHarness> {
  const store = await EmbeddedStore.open({ directory });
  return {
    store,
    webhooks: store.webhooks,
    reopen: async () => {
      await store.close();
      return open(directory);
    },
    destroy: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describeWebhookStore("The embedded store", async () => open(await temporaryDirectory()));
