import { createProvider, type EmbeddingSettings } from "../../../server/src/embedding/embedding-settings.ts";
import { FakeEmbeddingProvider, refusedMarker } from "../../support/embedding/fake-embedding-provider.ts";
import { describeEmbedder, type EmbedderHarness } from "./embedder-conformance.ts";

async function makeProvider(dimension: number, path: string, settings: EmbeddingSettings): Promise<EmbedderHarness> {
  const provider = new FakeEmbeddingProvider(dimension);
  const baseUrl = `${await provider.start()}${path}`;
  const embedder = createProvider({ ...settings, baseUrl });
  if (embedder === undefined) throw new Error(`${settings.embedding} is no provider`);
  return {
    embedder,
    failingText: `Please ${refusedMarker} text`,
    destroy: async () => {
      await embedder.close();
      await provider.stop();
    },
  };
}

describeEmbedder("Cohere", () =>
  makeProvider(1024, "/v2", { embedding: "cohere:embed-english-v3.0", cohereApiKey: "secret" }),
);
describeEmbedder("OpenAI", () =>
  makeProvider(1536, "/v1", { embedding: "openai:text-embedding-3-small", openaiApiKey: "secret" }),
);
describeEmbedder("an OpenAI-compatible server", () =>
  makeProvider(64, "/v1", { embedding: "openai-compatible:some-model", dimension: 64 }),
);
