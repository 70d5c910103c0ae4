import { BuiltinEmbedder } from "../../../server/src/embedding/builtin/builtin-embedder.ts";
import { QueryCache } from "../../../server/src/embedding/query-cache.ts";
import { describeEmbedder } from "./embedder-conformance.ts";

describeEmbedder("built-in, with a cache of queries", async () => {
  const worker = new URL("../../support/embedding/failing-model-worker.ts", import.meta.url);
  const embedder = new QueryCache(new BuiltinEmbedder({ threads: 2, worker }));
  return { embedder, failingText: "THROW AN ERROR", destroy: () => embedder.close() };
});
