import { hash } from "node:crypto";
import { createCohere } from "@ai-sdk/cohere";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { boundedFetch } from "./provider/bounded-fetch.ts";
import { type CohereDimension, cohereDimensions, knownModels } from "./provider/models.ts";
import { ProviderEmbedder, type ProviderLimits, type TokenListener } from "./provider/provider-embedder.ts";

export interface EmbeddingSettings {
  /** `builtin`, `cohere:MODEL`, `openai:MODEL` or `openai-compatible:MODEL`. */
  readonly embedding: string;
  readonly cohereApiKey?: string | undefined;
  readonly openaiApiKey?: string | undefined;
  /** Replaces the provider's own address; needed for `openai-compatible`. */
  readonly baseUrl?: string | undefined;
  /** Needed for models that are not in our table. */
  readonly dimension?: number | undefined;
  /** Milliseconds that one call may take; 30 seconds where it is not set. */
  readonly timeoutMs?: number | undefined;
  /** How often a call is tried again; 4 times where it is not set. */
  readonly maxRetries?: number | undefined;
  /** Told of the tokens that a provider has counted. */
  readonly onTokens?: TokenListener | undefined;
}

/** Cohere takes 96 texts, and cuts each off at what its model takes in (512 tokens for v3). */
const cohereLimits: ProviderLimits = { textsPerCall: 96, charactersPerCall: Infinity, parallelCalls: 5 };
/**
 * OpenAI takes 2,048 texts but 300,000 tokens in all: a token has 4 characters of English, fewer of other languages. We
 * send fewer, so that the lines that an upload may have in flight are enough for all calls.
 */
const openaiLimits: ProviderLimits = { textsPerCall: 128, charactersPerCall: 300_000, parallelCalls: 5 };

/** Builds the provider that the settings name, or undefined for `builtin`. @throws Error with the remedy. */
export function createProvider(settings: EmbeddingSettings): ProviderEmbedder | undefined {
  if (settings.embedding === "builtin") return undefined;
  const [provider = "", ...rest] = settings.embedding.split(":");
  const model = rest.join(":");
  const create = creators.get(provider);
  if (create !== undefined && model !== "") return create(settings, model);
  throw new Error(
    `ARRWDB_EMBEDDING (${JSON.stringify(settings.embedding)}) must be builtin, cohere:MODEL, openai:MODEL or openai-compatible:MODEL, such as cohere:embed-english-v3.0`,
  );
}

function cohere(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const apiKey = required(settings.cohereApiKey, "COHERE_API_KEY", settings.embedding);
  const factory = createCohere({ apiKey, fetch: fetchOf(settings), ...baseUrlOf(settings) });
  const asked = adjustableTo(settings);
  const outputDimension = asked === undefined ? {} : { outputDimension: cohereDimension(asked, settings.embedding) };
  return new ProviderEmbedder({
    ...shared(settings),
    limits: cohereLimits,
    model: factory.embeddingModel(model),
    keySetting: "COHERE_API_KEY",
    providerOptions: (purpose) => ({
      cohere: {
        inputType: purpose === "query" ? "search_query" : "search_document",
        truncate: "END",
        ...outputDimension,
      },
    }),
  });
}

function openai(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const apiKey = required(settings.openaiApiKey, "OPENAI_API_KEY", settings.embedding);
  const factory = createOpenAI({ apiKey, fetch: fetchOf(settings), ...baseUrlOf(settings) });
  const dimensions = adjustableTo(settings);
  return new ProviderEmbedder({
    ...shared(settings),
    limits: openaiLimits,
    model: factory.embeddingModel(model),
    keySetting: "OPENAI_API_KEY",
    providerOptions: () => ({ openai: dimensions === undefined ? {} : { dimensions } }),
  });
}

function openaiCompatible(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const example = "such as http://localhost:11434/v1";
  const baseURL = required(settings.baseUrl, "ARRWDB_EMBEDDING_BASE_URL", settings.embedding, example);
  const factory = createOpenAICompatible({
    name: "openai-compatible",
    baseURL,
    fetch: fetchOf(settings),
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

const creators = new Map([
  ["cohere", cohere],
  ["openai", openai],
  ["openai-compatible", openaiCompatible],
]);

function shared(settings: EmbeddingSettings): {
  id: string;
  identity: string;
  dimension: number;
  maxRetries: number;
  onTokens: TokenListener | undefined;
} {
  const { embedding, maxRetries = 4, onTokens } = settings;
  const known = knownModels.get(embedding);
  const dimension = settings.dimension ?? known?.dimension;
  if (dimension === undefined) {
    throw new Error(`ARRWDB_EMBEDDING_DIMENSION is required: how many numbers ${embedding} gives a text is not known`);
  }
  if (known !== undefined && !known.adjustable && dimension !== known.dimension) {
    throw new Error(
      `ARRWDB_EMBEDDING_DIMENSION (${dimension}) must be ${known.dimension}, or not set: ${embedding} gives no other`,
    );
  }
  return { id: embedding, identity: identityOf(settings), dimension, maxRetries, onTokens };
}

/** An address may hold a password, so its hash stands for it. */
function identityOf({ embedding, baseUrl }: EmbeddingSettings): string {
  if (baseUrl === undefined) return embedding;
  return `${embedding} at ${hash("sha256", baseUrl.replace(/\/$/, ""))}`;
}

/** The dimension to ask the provider for, where one is set and the model is known to give fewer. */
function adjustableTo({ embedding, dimension }: EmbeddingSettings): number | undefined {
  return knownModels.get(embedding)?.adjustable === true ? dimension : undefined;
}

function cohereDimension(dimension: number, embedding: string): CohereDimension {
  const found = cohereDimensions.find((possible) => possible === dimension);
  if (found !== undefined) return found;
  throw new Error(
    `ARRWDB_EMBEDDING_DIMENSION (${dimension}) must be one of ${cohereDimensions.join(", ")} for ${embedding}`,
  );
}

function required(value: string | undefined, setting: string, embedding: string, example?: string): string {
  if (value !== undefined) return value;
  const remedy = `set it${example === undefined ? "" : `, ${example}`}, or start with ARRWDB_EMBEDDING=builtin`;
  throw new Error(`${setting} is required for ARRWDB_EMBEDDING=${embedding}; ${remedy}`);
}

const baseUrlOf = ({ baseUrl }: EmbeddingSettings) => (baseUrl === undefined ? {} : { baseURL: baseUrl });
const fetchOf = ({ timeoutMs = 30_000 }: EmbeddingSettings) => boundedFetch(timeoutMs);
