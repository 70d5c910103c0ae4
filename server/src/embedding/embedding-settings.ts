import { hash } from "node:crypto";
import { createCohere } from "@ai-sdk/cohere";
import { builtinModels } from "./builtin/builtin-models.ts";
import type { EmbeddingPurpose } from "./embedder.ts";
import { boundedFetch } from "./provider/bounded-fetch.ts";
import { pairedByText } from "./provider/cohere-model.ts";
import { type CohereDimension, cohereDimensions, knownModels } from "./provider/provider-models.ts";
import { openAiModel } from "./provider/openai-model.ts";
import { ProviderEmbedder, type ProviderLimits, type TokenListener } from "./provider/provider-embedder.ts";
import { type BodyFields, type TextPreparation, unprepared, variantOf } from "./text-preparation.ts";

export interface EmbeddingSettings {
  /** `builtin`, `cohere:MODEL`, `openai:MODEL` or `openai-compatible:MODEL`. */
  readonly embedding: string;
  readonly cohereApiKey?: string | undefined;
  readonly openaiApiKey?: string | undefined;
  /** Replaces the provider's own address; needed for `openai-compatible`. */
  readonly baseUrl?: string | undefined;
  /** Needed for models that are not in our table. */
  readonly dimension?: number | undefined;
  /** What is sent to the provider besides the unchanged texts. Default is nothing. */
  readonly preparation?: TextPreparation | undefined;
  /** If the provider accepts fewer or more texts per call than usual. */
  readonly textsPerCall?: number | undefined;
  /** Time-out of one call in milliseconds. Default is 30 seconds. */
  readonly timeoutMs?: number | undefined;
  /** Threads of the built-in model. Default is one per core. */
  readonly threads?: number | undefined;
  /** The built-in model is loaded by the first text rather than by the start. */
  readonly loadOnFirstUse?: boolean | undefined;
  /** Maximum of retries per call. Default is 4. */
  readonly maxRetries?: number | undefined;
  /** Told of the tokens that a provider has counted. */
  readonly onTokens?: TokenListener | undefined;
}

/** Cohere accepts 96 texts, and truncates each at the model's limit (512 tokens for v3). */
const cohereLimits: ProviderLimits = { textsPerCall: 96, charactersPerCall: Infinity, parallelCalls: 5 };
/**
 * OpenAI accepts 2,048 texts but 300,000 tokens in total: a token has 4 characters of English, fewer in other
 * languages. Smaller calls are sent, so that the lines an upload may have in flight fill all parallel calls.
 */
const openaiLimits: ProviderLimits = { textsPerCall: 128, charactersPerCall: 300_000, parallelCalls: 5 };

const limitsOf = (
  limits: ProviderLimits,
  { textsPerCall = limits.textsPerCall }: EmbeddingSettings,
): ProviderLimits => ({
  ...limits,
  textsPerCall,
});

/** Builds the provider that the settings name, or undefined for a built-in model. @throws Error with the remedy. */
export function createProvider(
  settings: EmbeddingSettings,
  builtins: readonly string[] = builtinModels.map(({ id }) => id),
): ProviderEmbedder | undefined {
  if (builtins.includes(settings.embedding)) {
    refusePreparation(settings, true);
    return undefined;
  }
  const [provider = "", ...rest] = settings.embedding.split(":");
  const model = rest.join(":");
  const create = creators.get(provider);
  if (create !== undefined && model !== "" && !model.includes("#")) return create(settings, model);
  throw new Error(
    `ARRWDB_EMBEDDING (${JSON.stringify(settings.embedding)}) must be ${builtins.join(", ")}, cohere:MODEL, openai:MODEL or openai-compatible:MODEL, such as cohere:embed-english-v3.0, without what a library shows behind #`,
  );
}

function cohere(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  refusePreparation(settings, false);
  const apiKey = required(settings.cohereApiKey, "COHERE_API_KEY", settings.embedding);
  const factory = createCohere({ apiKey, fetch: fetchOf(settings), ...baseUrlOf(settings) });
  const asked = adjustableTo(settings);
  const outputDimension = asked === undefined ? {} : { outputDimension: cohereDimension(asked, settings.embedding) };
  const common = shared(settings);
  const paired = pairedByText(factory.embeddingModel(model), common.id);
  return new ProviderEmbedder({
    ...common,
    limits: limitsOf(cohereLimits, settings),
    model: () => paired,
    keySetting: "COHERE_API_KEY",
    key: apiKey,
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
  required(settings.openaiApiKey, "OPENAI_API_KEY", settings.embedding);
  return likeOpenAi({ baseUrl: "https://api.openai.com/v1", ...settings }, model);
}

function openaiCompatible(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const example = "such as http://localhost:11434/v1";
  required(settings.baseUrl, "ARRWDB_EMBEDDING_BASE_URL", settings.embedding, example);
  return likeOpenAi(settings, model);
}

function likeOpenAi(settings: EmbeddingSettings, model: string): ProviderEmbedder {
  const { baseUrl = "", openaiApiKey, preparation = unprepared } = settings;
  const dimensions = adjustableTo(settings);
  const usual: BodyFields = { encoding_format: "float", ...(dimensions === undefined ? {} : { dimensions }) };
  const sent = Object.entries(usual).filter(([field]) => !preparation.omitted.some((omitted) => omitted === field));
  const common = shared(settings);
  const modelFor = (purpose: EmbeddingPurpose) =>
    openAiModel({
      id: common.id,
      model,
      baseUrl,
      apiKey: openaiApiKey,
      fields: { ...Object.fromEntries(sent), ...preparation.fields[purpose] },
      fetch: fetchOf(settings),
    });
  const models = { document: modelFor("document"), query: modelFor("query") };
  return new ProviderEmbedder({
    ...common,
    limits: limitsOf(openaiLimits, settings),
    model: (purpose) => models[purpose],
    keySetting: "OPENAI_API_KEY",
    key: openaiApiKey,
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
  prefix: (purpose: EmbeddingPurpose) => string;
  maxRetries: number;
  onTokens: TokenListener | undefined;
} {
  const { embedding, preparation = unprepared, maxRetries = 4, onTokens } = settings;
  const known = knownModels.get(embedding);
  const dimension = settings.dimension ?? known?.dimension;
  if (dimension === undefined) {
    throw new Error(`ARRWDB_EMBEDDING_DIMENSION is required because the dimension of ${embedding} is not known`);
  }
  if (known !== undefined && !known.adjustable && dimension !== known.dimension) {
    throw new Error(
      `ARRWDB_EMBEDDING_DIMENSION (${dimension}) must be ${known.dimension}, or not set: ${embedding} gives no other`,
    );
  }
  const id = idOf(embedding, preparation);
  const prefix = (purpose: EmbeddingPurpose) => preparation.prefixes[purpose] ?? "";
  return { id, identity: identityOf(id, settings), dimension, prefix, maxRetries, onTokens };
}

/** Vectors of other prefixes or fields cannot be compared, so they count as another model. */
function idOf(embedding: string, preparation: TextPreparation): string {
  const variant = variantOf(preparation);
  return variant === undefined ? embedding : `${embedding}#${variant}`;
}

/** The address may contain a password, so it is hashed. */
function identityOf(id: string, { baseUrl }: EmbeddingSettings): string {
  if (baseUrl === undefined) return id;
  return `${id} at ${hash("sha256", baseUrl.replace(/\/$/, ""))}`;
}

/** @throws Error if the model does not support the preparation, rather than silently ignoring it */
function refusePreparation({ embedding, preparation = unprepared }: EmbeddingSettings, prefixes: boolean): void {
  const { prefixes: given, fields, omitted } = preparation;
  const names: readonly (readonly [boolean, string])[] = [
    [prefixes && given.document !== undefined, "DOCUMENT_PREFIX"],
    [prefixes && given.query !== undefined, "QUERY_PREFIX"],
    [fields.document !== undefined, "DOCUMENT_FIELDS"],
    [fields.query !== undefined, "QUERY_FIELDS"],
    [omitted.length > 0, "OMIT_FIELDS"],
  ];
  const name = names.find(([isSet]) => isSet)?.[1];
  if (name === undefined) return;
  const remedy = "omit it, or set ARRWDB_EMBEDDING to openai:MODEL or openai-compatible:MODEL";
  throw new Error(`ARRWDB_EMBEDDING_${name} does not apply to ARRWDB_EMBEDDING=${embedding}; ${remedy}`);
}

/** The dimension to request from the provider, if one is set and the model supports reduced dimensions. */
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
