import { createCohere } from "@ai-sdk/cohere";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { EmbedderLimits } from "./embedder.ts";
import { ProviderEmbedder } from "./provider/provider-embedder.ts";

export interface EmbeddingSettings {
  /** `builtin`, `cohere:MODEL`, `openai:MODEL` or `openai-compatible:MODEL`. */
  readonly embedding: string;
  readonly cohereApiKey?: string | undefined;
  readonly openaiApiKey?: string | undefined;
  /** Replaces the provider's own address; needed for `openai-compatible`. */
  readonly baseUrl?: string | undefined;
  /** Needed for models that are not in our table. */
  readonly dimension?: number | undefined;
  /** Milliseconds that one call may take. */
  readonly timeoutMs?: number | undefined;
  readonly maxRetries?: number | undefined;
}

/** What is known of providers' models; any other needs its dimension set. */
const dimensions: Readonly<Record<string, number>> = {
  "cohere:embed-english-v3.0": 1024,
  "cohere:embed-multilingual-v3.0": 1024,
  "cohere:embed-english-light-v3.0": 384,
  "cohere:embed-multilingual-light-v3.0": 384,
  "cohere:embed-v4.0": 1536,
  "openai:text-embedding-3-small": 1536,
  "openai:text-embedding-3-large": 3072,
  "openai:text-embedding-ada-002": 1536,
};

const cohereLimits: EmbedderLimits = { textsPerCall: 96, parallelCalls: 4 };
/** OpenAI takes 2,048 texts, but 300,000 tokens in all, which so many chunks would exceed. */
const openaiLimits: EmbedderLimits = { textsPerCall: 256, parallelCalls: 4 };

/** Builds the provider that the settings name, or undefined for `builtin`. @throws Error with the remedy. */
export function createProvider(settings: EmbeddingSettings): ProviderEmbedder | undefined {
  if (settings.embedding === "builtin") return undefined;
  const colon = settings.embedding.indexOf(":");
  const provider = settings.embedding.slice(0, colon);
  const model = settings.embedding.slice(colon + 1);
  if (colon === -1 || model === "") throw unknown(settings.embedding);
  switch (provider) {
    case "cohere":
      return cohere(settings, model);
    case "openai":
      return openai(settings, model);
    case "openai-compatible":
      return openaiCompatible(settings, model);
    default:
      throw unknown(settings.embedding);
  }
}

const unknown = (embedding: string) =>
  new Error(
    `ARRWDB_EMBEDDING (${JSON.stringify(embedding)}) must be builtin, cohere:MODEL, openai:MODEL or openai-compatible:MODEL, such as cohere:embed-english-v3.0`,
  );

function cohere(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const apiKey = required(settings.cohereApiKey, "COHERE_API_KEY", settings.embedding);
  const factory = createCohere({ apiKey, fetch: boundedFetch(settings), ...baseUrlOf(settings) });
  return new ProviderEmbedder({
    ...shared(settings),
    limits: cohereLimits,
    model: factory.embeddingModel(model),
    keySetting: "COHERE_API_KEY",
    providerOptions: (purpose) => ({
      cohere: { inputType: purpose === "query" ? "search_query" : "search_document", truncate: "END" },
    }),
  });
}

function openai(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const apiKey = required(settings.openaiApiKey, "OPENAI_API_KEY", settings.embedding);
  const factory = createOpenAI({ apiKey, fetch: boundedFetch(settings), ...baseUrlOf(settings) });
  const dimension = settings.dimension;
  return new ProviderEmbedder({
    ...shared(settings),
    limits: openaiLimits,
    model: factory.embeddingModel(model),
    keySetting: "OPENAI_API_KEY",
    providerOptions: () => ({ openai: dimension === undefined ? {} : { dimensions: dimension } }),
  });
}

function openaiCompatible(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const baseURL = required(settings.baseUrl, "ARRWDB_EMBEDDING_BASE_URL", settings.embedding);
  const factory = createOpenAICompatible({
    name: "openai-compatible",
    baseURL,
    fetch: boundedFetch(settings),
    ...(settings.openaiApiKey === undefined ? {} : { apiKey: settings.openaiApiKey }),
  });
  return new ProviderEmbedder({
    ...shared(settings),
    limits: openaiLimits,
    model: factory.embeddingModel(model),
    keySetting: "OPENAI_API_KEY",
    providerOptions: () => ({}),
  });
}

function shared(settings: EmbeddingSettings): { id: string; dimension: number; maxRetries: number } {
  const dimension = settings.dimension ?? dimensions[settings.embedding];
  if (dimension === undefined) {
    throw new Error(`ARRWDB_EMBEDDING_DIMENSION is required: the dimension of ${settings.embedding} is not known`);
  }
  return { id: settings.embedding, dimension, maxRetries: settings.maxRetries ?? 4 };
}

function required(value: string | undefined, setting: string, embedding: string): string {
  if (value === undefined) throw new Error(`${setting} is required for ARRWDB_EMBEDDING=${embedding}`);
  return value;
}

const baseUrlOf = ({ baseUrl }: EmbeddingSettings) => (baseUrl === undefined ? {} : { baseURL: baseUrl });

/** Each call has its own time-out, so that waiting for a `Retry-After` does not count. */
function boundedFetch({ timeoutMs = 30_000 }: EmbeddingSettings): typeof fetch {
  return (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal == null ? timeout : AbortSignal.any([init.signal, timeout]);
    return fetch(input, { ...init, signal });
  };
}
