import { knownModels } from "./provider/provider-models.ts";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { type BuiltinModel, builtinModels, type LoadableEmbedder } from "./builtin/builtin-models.ts";
import type { Embedder } from "./embedder.ts";
import type { EmbedderRegistry } from "./embedder-registry.ts";
import { createProvider, type EmbeddingSettings } from "./embedding-settings.ts";
import type { EmbeddingCache } from "./embedding-cache.ts";
import { noMonitor, type Monitor } from "../telemetry/monitor.ts";
import { CachingEmbedder } from "./caching-embedder.ts";
import { MeasuredEmbedder } from "./measured-embedder.ts";
import { QueryCache } from "./query-cache.ts";

export interface EmbeddersOptions {
  readonly settings: EmbeddingSettings;
  readonly cache: EmbeddingCache;
  readonly onCacheError: (error: unknown) => void;
  readonly monitor?: Monitor | undefined;
  /** The built-in models; tests may use others. */
  readonly builtins?: readonly BuiltinModel[] | undefined;
}

/** Of models that are about as good as words: both halves of a hybrid search count the same. */
const usualVectorWeight = 0.5;

/** The configured model, and the built-in ones, which are always available but loaded on first use. */
export class Embedders implements EmbedderRegistry {
  readonly default: Embedder;
  readonly #builtins: readonly BuiltinModel[];
  readonly #embedders: ReadonlyMap<string, Embedder>;
  /** As the setting has it, without the variant. */
  readonly #configured: string;
  readonly #loadedAtStart: LoadableEmbedder | undefined;

  /** @throws Error that names the missing or wrong setting */
  constructor({ settings, cache, onCacheError, monitor = noMonitor, builtins = builtinModels }: EmbeddersOptions) {
    const names = builtins.map(({ id }) => id);
    const onTokens = (model: string, tokens: number) => monitor.tokensUsed(model, tokens);
    const provider = createProvider({ ...settings, onTokens }, names);
    const remember = (embedder: Embedder) => {
      const measured = new MeasuredEmbedder(embedder, monitor);
      return new QueryCache(new CachingEmbedder({ inner: measured, cache, onCacheError, monitor }), { monitor });
    };
    this.#configured = settings.embedding;
    this.#builtins = builtins;
    const loadable = builtins.map(({ create }) => create({ threads: settings.threads }));
    const chosen = provider ?? loadable.find(({ id }) => id === settings.embedding);
    if (chosen === undefined) throw new Error(`No model is called ${settings.embedding}`);
    this.default = remember(chosen);
    this.#loadedAtStart = settings.loadOnFirstUse === true ? undefined : loadable.find((one) => one === chosen);
    const others = loadable.filter((one) => one !== chosen).map(remember);
    this.#embedders = new Map([...others, this.default].map((embedder) => [embedder.id, embedder]));
  }

  choose(name: string): Embedder {
    if (name === this.#configured) return this.default;
    // The Python server named Cohere's models without their provider.
    const ofCohere = `cohere:${name}`;
    return knownModels.has(ofCohere) ? this.choose(ofCohere) : this.resolve(name);
  }

  resolve(id: string): Embedder {
    const embedder = this.#embedders.get(id);
    if (embedder !== undefined) return embedder;
    const known = [...this.#embedders.keys()].join(", ");
    const [model = ""] = id.split("#");
    const remedy =
      model === this.#configured
        ? "start it with the ARRWDB_EMBEDDING_DOCUMENT_PREFIX, _QUERY_PREFIX, _DOCUMENT_FIELDS and _QUERY_FIELDS that the library was created with, or create a new library: vectors made with different settings are not comparable"
        : `start it with ARRWDB_EMBEDDING=${model}`;
    const message = `embedding_model: ${JSON.stringify(id)} is not configured on this server (configured: ${known}); ${remedy}`;
    throw new ArrwError("embedder_unavailable", message, { field: "embedding_model" });
  }

  /** Loads the model that new libraries use, unless it waits for its first text. */
  async start(): Promise<void> {
    await this.#loadedAtStart?.start();
  }

  vectorWeight(id: string | undefined): number {
    return this.#builtins.find((model) => model.id === id)?.vectorWeight ?? usualVectorWeight;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#embedders.values()].map((embedder) => embedder.close()));
  }
}
