import { rm } from "node:fs/promises";
import { BuiltinEmbedder } from "../../server/src/embedding/builtin/builtin-embedder.ts";
import { LedgeredEmbedder } from "../../server/src/embedding/caching-embedder.ts";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { temporaryDirectory } from "../support/server.ts";
import { describeEmbedder } from "./embedder-conformance.ts";

describeEmbedder("built-in, with the embedded store as its ledger", async () => {
  const directory = await temporaryDirectory();
  const ledger = await EmbeddedStore.open({ directory });
  const embedder = new LedgeredEmbedder({
    inner: new BuiltinEmbedder({ threads: 2 }),
    ledger,
    onLedgerError: (error) => {
      throw error;
    },
  });
  return {
    embedder,
    destroy: async () => {
      await embedder.close();
      await ledger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
