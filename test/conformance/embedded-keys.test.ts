import { rm } from "node:fs/promises";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { describeKeyStore, type KeyStoreHarness } from "./key-store-conformance.ts";

async function open(directory: string): Promise<KeyStoreHarness> {
  const store = await EmbeddedStore.open({ directory });
  return {
    keys: store.keys,
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

describeKeyStore("The embedded store", async () => open(await temporaryDirectory()));
