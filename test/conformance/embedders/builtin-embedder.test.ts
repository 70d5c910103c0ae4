import { BuiltinEmbedder } from "../../../server/src/embedding/builtin/builtin-embedder.ts";
import { describeEmbedder } from "./embedder-conformance.ts";

describeEmbedder("built-in", async () => {
  const worker = new URL("../../support/embedding/failing-model-worker.ts", import.meta.url);
  const embedder = new BuiltinEmbedder({ threads: 2, worker });
  return { embedder, failingText: "THROW AN ERROR", destroy: () => embedder.close() };
});
