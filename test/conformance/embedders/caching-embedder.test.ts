import { rm } from "node:fs/promises";
import { BuiltinEmbedder } from "../../../server/src/embedding/builtin/builtin-embedder.ts";
import { CachingEmbedder } from "../../../server/src/embedding/caching-embedder.ts";
import { EmbeddedStore } from "../../../server/src/store/embedded/embedded-store.ts";
import { temporaryDirectory } from "../../support/server/test-server.ts";
import { describeEmbedder } from "./embedder-conformance.ts";

describeEmbedder("built-in, with the embedded store as its cache", async () => {
  const directory = await temporaryDirectory();
  const cache = await EmbeddedStore.open({ directory });
  const embedder = new CachingEmbedder({
    inner: new BuiltinEmbedder({ threads: 2 }),
    cache: cache.embeddings,
    onCacheError: (error) => {
      throw error;
    },
  });
  return {
    embedder,
    destroy: async () => {
      await embedder.close();
      await cache.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
